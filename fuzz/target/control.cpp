// Whatever is asked of the control API, the answer is an HTTP response: a result, or a problem that says what is wrong.
//
//   input = *octet(method and target: POST /clock/advance) [LF *octet(the body)]
#include "codec/wire/bytes.hpp"
#include "fuzz/target/expect.hpp"
#include "simbroker/control/api.hpp"
#include "simbroker/control/broker_on_the_bench.hpp"

using namespace simbroker::control;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Api api;
    const std::string text(codec::wire::as_text({data, size}));
    const auto line = text.substr(0, text.find('\n'));
    const auto blank = line.find(' ');
    if (blank == std::string::npos) return 0;

    BrokerOnTheBench broker;
    broker.connect();
    const auto response = api.answer(
        {.method = line.substr(0, blank),
         .target = line.substr(blank + 1),
         .body = line.size() == text.size() ? "" : text.substr(line.size() + 1)},
        broker
    );
    fuzz::expect(response.status >= 200 && response.status < 600, "an answer has a status of HTTP");
    const auto body = response.late_body ? response.late_body() : response.body;
    if (response.content_type.ends_with("json"))
        fuzz::expect(body.empty() || nlohmann::json::accept(body), "an answer that is called JSON is JSON");
    if (response.status >= 400) fuzz::expect(!body.empty(), "a refusal says why");
    return 0;
}
