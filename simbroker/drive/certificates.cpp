#include "simbroker/drive/certificates.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace simbroker::drive {
namespace {

namespace fs = std::filesystem;

template <class T, void (*release)(T*)>
struct Release {
    void operator()(T* held) const { release(held); }
};
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509, X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION, X509_EXTENSION_free>>;

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

struct Signed {
    Certificate certificate;
    Key key;
};

constexpr long day = 24L * 60 * 60;

enum class Purpose : std::uint8_t { authority, server, client };

struct Request {
    std::string name;
    Purpose purpose{};
    std::vector<std::string> hosts{};
    long from = -day;  // seconds from now
    long to = 10 * 365 * day;
};

void need(bool done, std::string_view what) {
    if (done) return;
    const auto* why = ERR_reason_error_string(ERR_peek_last_error());
    throw std::runtime_error(fmt::format("certificates: {}: {}", what, why ? why : "OpenSSL does not say why"));
}

void add(X509& certificate, X509& issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    need(extension && X509_add_ext(&certificate, extension.get(), -1) == 1, "extension " + value);
}

bool is_address(const std::string& host) {
    in6_addr any{};
    return ::inet_pton(AF_INET, host.c_str(), &any) == 1 || ::inet_pton(AF_INET6, host.c_str(), &any) == 1;
}

std::string alternative_names(const std::vector<std::string>& hosts) {
    std::string names;
    for (const auto& host : hosts) {
        names += fmt::format("{}{}:{}", names.empty() ? "" : ",", is_address(host) ? "IP" : "DNS", host);
    }
    return names;
}

void add_extensions(X509& certificate, X509& issuer, const Request& request) {
    add(certificate, issuer, NID_subject_key_identifier, "hash");
    add(certificate, issuer, NID_authority_key_identifier, "keyid:always");
    switch (request.purpose) {
        case Purpose::authority:
            add(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE");
            add(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
            return;
        case Purpose::server: add(certificate, issuer, NID_ext_key_usage, "serverAuth"); break;
        case Purpose::client: add(certificate, issuer, NID_ext_key_usage, "clientAuth"); break;
    }
    add(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE");
    add(certificate, issuer, NID_key_usage, "critical,digitalSignature");
    if (!request.hosts.empty()) add(certificate, issuer, NID_subject_alt_name, alternative_names(request.hosts));
}

// `by` nothing: it signs itself.
Signed sign(const Request& request, const Signed* by, long serial) {
    Signed made{Certificate(X509_new()), Key(EVP_EC_gen("P-256"))};
    need(made.certificate && made.key, "a new key");
    auto& certificate = *made.certificate;
    auto& issuer = by ? *by->certificate : certificate;
    X509_set_version(&certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(&certificate), serial);
    X509_gmtime_adj(X509_getm_notBefore(&certificate), request.from);
    X509_gmtime_adj(X509_getm_notAfter(&certificate), request.to);
    X509_set_pubkey(&certificate, made.key.get());
    const auto* text = reinterpret_cast<const unsigned char*>(request.name.c_str());
    auto* subject = X509_get_subject_name(&certificate);
    need(X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, text, -1, -1, 0) == 1, request.name);
    X509_set_issuer_name(&certificate, X509_get_subject_name(&issuer));
    add_extensions(certificate, issuer, request);
    need(X509_sign(&certificate, by ? by->key.get() : made.key.get(), EVP_sha256()) > 0, "signing " + request.name);
    return made;
}

void write(const fs::path& directory, const std::string& name, const Signed& made) {
    const auto open = [&](const std::string& ending) {
        const auto path = directory / (name + ending);
        File file(std::fopen(path.c_str(), "w"));
        if (!file) throw std::runtime_error(fmt::format("certificates: cannot write {}", path.string()));
        return file;
    };
    need(PEM_write_X509(open(".pem").get(), made.certificate.get()) == 1, "writing " + name + ".pem");
    need(
        PEM_write_PrivateKey(open(".key").get(), made.key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
        "writing " + name + ".key"
    );
    fs::permissions(directory / (name + ".key"), fs::perms::owner_read | fs::perms::owner_write);
}

}  // namespace

void make_certificates(const fs::path& directory, const CertificateOptions& options) {
    if (options.hosts.empty()) throw std::runtime_error("certificates: a server needs a host, expected at least one");
    fs::create_directories(directory);
    long serial = 1;
    const auto authority = sign({.name = "simbroker test CA", .purpose = Purpose::authority}, nullptr, serial++);
    const auto other = sign({.name = "another test CA", .purpose = Purpose::authority}, nullptr, serial++);
    write(directory, "ca", authority);
    write(directory, "other_ca", other);
    const auto issue = [&](const std::string& file, Request request, const Signed& by) {
        write(directory, file, sign(request, &by, serial++));
    };
    const Request server{.name = options.hosts.front(), .purpose = Purpose::server, .hosts = options.hosts};
    const Request client{.name = options.client, .purpose = Purpose::client};
    const auto expired = [](Request request) {
        request.from = -3 * day;
        request.to = -2 * day;
        return request;
    };
    issue("server", server, authority);
    issue("client", client, authority);
    issue("expired", expired(server), authority);
    issue("wrong_host", {.name = "wrong.example", .purpose = Purpose::server, .hosts = {"wrong.example"}}, authority);
    issue("unknown_ca", server, other);
    issue("expired_client", expired(client), authority);
    issue("unknown_ca_client", client, other);
}

std::map<std::string, TlsCertificate> bad_certificates_beside(const fs::path& certificate) {
    std::map<std::string, TlsCertificate> found;
    for (const auto* name : {"expired", "wrong_host", "unknown_ca"}) {
        const auto path = certificate.parent_path() / name;
        const TlsCertificate files{fs::path(path) += ".pem", fs::path(path) += ".key"};
        if (fs::exists(files.certificate) && fs::exists(files.key)) found.emplace(name, files);
    }
    return found;
}

}  // namespace simbroker::drive
