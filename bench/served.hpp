// `simbroker serve --port 0` as a process of its own, ended with this object.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

namespace bench {

class Served {
public:
    // Started and ready, or why not.
    static std::expected<std::unique_ptr<Served>, std::string> start(const std::string& simbroker);
    ~Served();
    Served(const Served&) = delete;
    Served& operator=(const Served&) = delete;

    std::uint16_t port() const { return port_; }
    double resident_kilobytes() const;

private:
    Served() = default;

    pid_t process_ = -1;
    std::uint16_t port_ = 0;
};

}  // namespace bench
