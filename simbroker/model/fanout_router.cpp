// fanout: every message passes to everything bound (3.1.3.2).
#include "simbroker/model/router.hpp"

namespace simbroker::model {
namespace {

class FanoutRouter final : public Router {
public:
    void add(const Binding& binding) override { bindings_.push_back(binding); }
    void remove(const Binding& binding) override { std::erase(bindings_, binding); }

    void route(const Passage&, std::vector<const Destination*>& out) override {
        for (const auto& binding : bindings_) out.push_back(&binding.destination);
    }

private:
    std::vector<Binding> bindings_;
};

}  // namespace

std::unique_ptr<Router> make_fanout_router() { return std::make_unique<FanoutRouter>(); }

}  // namespace simbroker::model
