// The extension module simbroker._core: thin, typed by python/simbroker/_core.pyi. The package around it in
// python/simbroker is what people use.
#include "python/binding/binding.hpp"

#include "simbroker/core/version.hpp"

namespace simbroker::binding {

void raise(const char* name, const std::string& text) {
    const auto type = py::module_::import("simbroker.errors").attr(name);
    PyErr_SetString(type.ptr(), text.c_str());
    throw py::error_already_set();
}

namespace {

py::object python_of_array(const nlohmann::json& json) {
    py::list list;
    for (const auto& element : json) list.append(python_of(element));
    return list;
}

py::object python_of_object(const nlohmann::json& json) {
    py::dict dict;
    for (const auto& [name, value] : json.items()) dict[py::str(name)] = python_of(value);
    return dict;
}

nlohmann::json json_of_integer(const py::handle& value, const std::string& path) {
    int overflow = 0;
    const auto number = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
    if (overflow == 0) return number;
    const auto positive = PyLong_AsUnsignedLongLong(value.ptr());
    if (PyErr_Occurred() != nullptr) {
        PyErr_Clear();
        raise("EncodeError", path + ": " + std::string(py::str(value)) + " needs more than 64 bits");
    }
    return static_cast<std::uint64_t>(positive);
}

nlohmann::json json_of_octets(const py::bytes& octets) {
    static constexpr auto digits = "0123456789abcdef";
    std::string hex;
    for (const auto octet : view_of(octets)) {
        hex += digits[octet >> 4];
        hex += digits[octet & 0xf];
    }
    return {{"!hex", std::move(hex)}};
}

nlohmann::json json_of_dict(const py::dict& dict, const std::string& path) {
    auto json = nlohmann::json::object();
    for (const auto& [key, value] : dict) {
        if (!py::isinstance<py::str>(key)) {
            raise("EncodeError", path + ": the name " + std::string(py::repr(key)) + " is not text");
        }
        const auto name = key.cast<std::string>();
        json[name] = json_of(value, path.empty() ? name : path + "." + name);
    }
    return json;
}

nlohmann::json json_of_sequence(const py::sequence& sequence, const std::string& path) {
    auto json = nlohmann::json::array();
    for (const auto& element : sequence)
        json.push_back(json_of(element, path + "[" + std::to_string(json.size()) + "]"));
    return json;
}

}  // namespace

py::object python_of(const nlohmann::json& json) {
    switch (json.type()) {
        case nlohmann::json::value_t::null:
        case nlohmann::json::value_t::discarded: return py::none();
        case nlohmann::json::value_t::boolean: return py::bool_(json.get<bool>());
        case nlohmann::json::value_t::number_integer: return py::int_(json.get<std::int64_t>());
        case nlohmann::json::value_t::number_unsigned: return py::int_(json.get<std::uint64_t>());
        case nlohmann::json::value_t::number_float: return py::float_(json.get<double>());
        case nlohmann::json::value_t::string: return py::str(json.get_ref<const std::string&>());
        case nlohmann::json::value_t::binary: return bytes_of(json.get_binary());
        case nlohmann::json::value_t::array: return python_of_array(json);
        case nlohmann::json::value_t::object: return python_of_object(json);
    }
    return py::none();
}

nlohmann::json json_of(const py::handle& value, const std::string& path) {
    if (value.is_none()) return nullptr;
    if (py::isinstance<py::bool_>(value)) return value.cast<bool>();
    if (py::isinstance<py::int_>(value)) return json_of_integer(value, path);
    if (py::isinstance<py::float_>(value)) return value.cast<double>();
    if (py::isinstance<py::str>(value)) return value.cast<std::string>();
    if (py::isinstance<py::bytes>(value)) return json_of_octets(py::reinterpret_borrow<py::bytes>(value));
    if (py::isinstance<py::dict>(value)) return json_of_dict(py::reinterpret_borrow<py::dict>(value), path);
    if (py::isinstance<py::list>(value) || py::isinstance<py::tuple>(value)) {
        return json_of_sequence(py::reinterpret_borrow<py::sequence>(value), path);
    }
    raise(
        "EncodeError",
        path + ": " + std::string(py::repr(value)) +
            " cannot be a field value; expected None, bool, int, float, str, bytes, list or dict"
    );
}

}  // namespace simbroker::binding

PYBIND11_MODULE(_core, module) {
    module.doc() = "The C++ side of simbroker. Use the package simbroker instead.";
    module.attr("version") = std::string(simbroker::version);
    simbroker::binding::bind_codec(module);
    simbroker::binding::bind_events(module);
    simbroker::binding::bind_server(module);
    simbroker::binding::bind_replay(module);
    simbroker::binding::bind_simulated_server(module);
    simbroker::binding::bind_explore(module);
    simbroker::binding::bind_trace(module);
    simbroker::binding::bind_scenarios(module);
}
