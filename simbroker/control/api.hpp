// The control API: a request in, a response out. It knows neither sockets nor tokens; who listens asks for those.
#pragma once

#include <string>

#include "simbroker/control/route.hpp"

namespace simbroker::control {

struct Request {
    std::string method;
    std::string target;  // path and query, as they came
    std::string body{};
};

class Api {
public:
    Api();

    Response answer(const Request& request, ServedBroker& broker) const;

    const std::vector<Route>& routes() const { return routes_; }

private:
    std::vector<Route> routes_;
};

Response to_response(const Problem& problem);

// The document that describes the rows (OpenAPI 3.1).
nlohmann::json openapi(const std::vector<Route>& routes);

}  // namespace simbroker::control
