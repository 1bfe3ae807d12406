#include "conformance/report/packing.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <zlib.h>

#include <array>
#include <stdexcept>

namespace conformance::report {

namespace {

const unsigned char* octets_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

std::string gzipped(std::string_view text) {
    constexpr int gzip_format = 16;  // added to the size of the window
    constexpr int memory_level = 9;
    z_stream stream{};
    if (::deflateInit2(
            &stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + gzip_format, memory_level, Z_DEFAULT_STRATEGY
        ) != Z_OK) {
        throw std::runtime_error("zlib cannot begin");
    }
    std::string packed(::deflateBound(&stream, text.size()), '\0');
    stream.next_in = const_cast<Bytef*>(octets_of(text));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const auto result = ::deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    ::deflateEnd(&stream);
    if (result != Z_STREAM_END) throw std::runtime_error("zlib did not come to the end");
    return packed;
}

std::string base64(std::string_view octets) {
    std::string text((octets.size() + 2) / 3 * 4 + 1, '\0');  // it writes a zero behind
    const auto size = ::EVP_EncodeBlock(
        reinterpret_cast<unsigned char*>(text.data()), octets_of(octets), static_cast<int>(octets.size())
    );
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string sha256(std::string_view octets) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
    ::SHA256(octets_of(octets), octets.size(), digest.data());
    return {digest.begin(), digest.end()};
}

}  // namespace conformance::report
