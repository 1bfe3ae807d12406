// Frames, methods and properties of AMQP 0-9-1 for tests that speak them directly.
#include "codec/amqp091/codec.hpp"

#include <pybind11/stl.h>

#include "codec/amqp091/frame_splitter.hpp"
#include "codec/amqp091/json.hpp"
#include "python/binding/binding.hpp"

namespace simbroker::binding {

namespace {

using namespace codec::amqp091;

// type, channel, payload
using RawFrame = std::tuple<unsigned, unsigned, py::bytes>;

class Splitter {
public:
    explicit Splitter(std::size_t max_payload) : splitter_(max_payload) {}

    std::vector<RawFrame> feed(const py::bytes& segment) {
        splitter_.feed(view_of(segment));
        std::vector<RawFrame> frames;
        while (const auto frame = splitter_.next()) {
            if (!*frame) raise("DecodeError", to_string(frame->error()));
            frames.emplace_back((*frame)->type, (*frame)->channel.value, bytes_of((*frame)->payload));
        }
        return frames;
    }

    std::uint64_t consumed() const { return splitter_.consumed(); }
    std::size_t unread() const { return splitter_.unread(); }

private:
    FrameSplitter splitter_;
};

py::tuple decode_method_payload(const py::bytes& payload) {
    const auto method = decode_method(view_of(payload));
    if (!method) raise("DecodeError", to_string(method.error()));
    return py::make_tuple(std::string(name_of(*method)), python_of(fields_to_json(*method)));
}

py::tuple decode_header_payload(const py::bytes& payload) {
    const auto header = decode_content_header(view_of(payload));
    if (!header) raise("DecodeError", to_string(header.error()));
    const auto properties = decode_properties(header->property_octets);
    if (!properties) raise("DecodeError", "in the properties: " + to_string(properties.error()));
    return py::make_tuple(header->class_id, header->weight, header->body_size, python_of(to_json(*properties)));
}

py::bytes encode_method_payload(const std::string& name, const py::dict& fields) {
    const auto payload = encode_method_from_json(name, json_of(fields, ""));
    if (!payload) raise("EncodeError", payload.error());
    return bytes_of(*payload);
}

py::bytes encode_header_payload(std::uint64_t body_size, const py::dict& properties) {
    const auto octets = encode_properties_from_json(json_of(properties, ""));
    if (!octets) raise("EncodeError", octets.error());
    Bytes payload;
    encode(ContentHeader{.body_size = body_size, .property_octets = *octets}, payload);
    return bytes_of(payload);
}

py::dict fields_by_method() {
    py::dict methods;
    for (const auto& row : method_rows()) {
        py::list fields;
        for (const auto& field : row.fields) {
            if (!field.reserved) fields.append(std::string(field.name));
        }
        methods[py::str(std::string(row.name))] = fields;
    }
    return methods;
}

}  // namespace

void bind_codec(py::module_& module) {
    py::class_<Splitter>(module, "Splitter")
        .def(py::init<std::size_t>(), py::arg("max_payload"))
        .def("feed", &Splitter::feed, py::arg("segment"))
        .def_property_readonly("consumed", &Splitter::consumed)
        .def_property_readonly("unread", &Splitter::unread);
    module.def("decode_method", &decode_method_payload, py::arg("payload"));
    module.def("decode_header", &decode_header_payload, py::arg("payload"));
    module.def("encode_method", &encode_method_payload, py::arg("name"), py::arg("fields"));
    module.def("encode_header", &encode_header_payload, py::arg("body_size"), py::arg("properties"));
    module.def("methods", &fields_by_method);
}

}  // namespace simbroker::binding
