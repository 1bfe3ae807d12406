// The distinguished name as RFC 4514 writes it, the most specific part first: "CN=guest,O=Acme\, Inc". RabbitMQ departs
// from the RFC in its own ways (rabbit_cert_info): octets below 32 and from 126 on are \HH each, and the parts of one
// relative name stand in the order of the certificate.
#include "simbroker/drive/certificate_names.hpp"

#include <fmt/format.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <string_view>
#include <vector>

namespace simbroker::drive {
namespace {

struct Abbreviation {
    int nid;
    std::string_view text;
};

constexpr std::array abbreviations{
    Abbreviation{NID_surname, "SN"},
    Abbreviation{NID_givenName, "GIVENNAME"},
    Abbreviation{NID_initials, "INITIALS"},
    Abbreviation{NID_generationQualifier, "GENERATIONQUALIFIER"},
    Abbreviation{NID_commonName, "CN"},
    Abbreviation{NID_localityName, "L"},
    Abbreviation{NID_stateOrProvinceName, "ST"},
    Abbreviation{NID_organizationName, "O"},
    Abbreviation{NID_organizationalUnitName, "OU"},
    Abbreviation{NID_title, "TITLE"},
    Abbreviation{NID_countryName, "C"},
    Abbreviation{NID_serialNumber, "SERIALNUMBER"},
    Abbreviation{NID_pseudonym, "PSEUDONYM"},
    Abbreviation{NID_domainComponent, "DC"},
    Abbreviation{NID_pkcs9_emailAddress, "EMAILADDRESS"},
    Abbreviation{NID_streetAddress, "STREET"},
    Abbreviation{NID_userId, "UID"},
};

std::string name_of(const ASN1_OBJECT& object) {
    const auto nid = OBJ_obj2nid(&object);
    for (const auto& known : abbreviations) {
        if (known.nid == nid) return std::string(known.text);
    }
    std::array<char, 128> dotted{};
    OBJ_obj2txt(dotted.data(), static_cast<int>(dotted.size()), &object, 1);
    return dotted.data();
}

std::string utf8_of(const ASN1_STRING& value) {
    unsigned char* octets = nullptr;
    const auto size = ASN1_STRING_to_UTF8(&octets, &value);
    if (size < 0) return {};
    const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owned(octets, [](unsigned char* held) {
        OPENSSL_free(held);
    });
    return {reinterpret_cast<const char*>(octets), static_cast<std::size_t>(size)};
}

std::string escaped(std::string_view value) {
    constexpr std::string_view special = "\"+,;<>\\";
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        const auto octet = static_cast<unsigned char>(c);
        const bool first = i == 0 && (c == ' ' || c == '#');
        const bool last_space = i > 0 && i + 1 == value.size() && c == ' ';
        if (first || last_space || special.find(c) != std::string_view::npos) {
            out += '\\';
            out += c;
        } else if (octet < 32 || octet >= 126) {
            out += fmt::format("\\{:02X}", static_cast<unsigned>(octet));
        } else {
            out += c;
        }
    }
    return out;
}

std::string host_name_in(const X509& certificate) {
    const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
        GENERAL_NAMES_free
    );
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const auto* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_DNS) return utf8_of(*name->d.dNSName);
    }
    return {};
}

}  // namespace

CertificateNames names_in(const X509& certificate) {
    CertificateNames names;
    const auto* subject = X509_get_subject_name(&certificate);
    std::vector<std::string> relative;
    int last_set = -1;
    for (int i = 0; i < X509_NAME_entry_count(subject); ++i) {
        const auto* entry = X509_NAME_get_entry(subject, i);
        const auto& object = *X509_NAME_ENTRY_get_object(entry);
        const auto value = utf8_of(*X509_NAME_ENTRY_get_data(entry));
        const auto part = name_of(object) + "=" + escaped(value);
        if (X509_NAME_ENTRY_set(entry) == last_set) {
            relative.back() += "+" + part;
        } else {
            relative.push_back(part);
        }
        last_set = X509_NAME_ENTRY_set(entry);
        if (OBJ_obj2nid(&object) == NID_commonName) names.common_name += (names.common_name.empty() ? "" : ",") + value;
    }
    for (auto part = relative.rbegin(); part != relative.rend(); ++part) {
        names.distinguished_name += (names.distinguished_name.empty() ? "" : ",") + *part;
    }
    names.host_name = host_name_in(certificate);
    return names;
}

}  // namespace simbroker::drive
