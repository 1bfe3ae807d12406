#include "simbroker/drive/certificate_names.hpp"

#include <gtest/gtest.h>
#include <openssl/x509.h>

#include <memory>

namespace simbroker::drive {
namespace {

struct Part {
    const char* name;
    const char* value;
    int set = 0;  // -1: joined to the part before
};

CertificateNames names_of(const std::vector<Part>& parts) {
    const std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), X509_free);
    auto* subject = X509_get_subject_name(certificate.get());
    for (const auto& part : parts) {
        const auto* value = reinterpret_cast<const unsigned char*>(part.value);
        EXPECT_EQ(X509_NAME_add_entry_by_txt(subject, part.name, MBSTRING_UTF8, value, -1, -1, part.set), 1);
    }
    return names_in(*certificate);
}

TEST(CertificateNames, BeginWithTheMostSpecificPart) {
    // What RabbitMQ 3.10.8 and 4.3.6 took for the user of such a certificate.
    EXPECT_EQ(names_of({{"O", "Acme"}, {"CN", "guest"}}).distinguished_name, "CN=guest,O=Acme");
}

TEST(CertificateNames, EscapeWhatHasAMeaning) {
    EXPECT_EQ(
        names_of({{"C", "DE"}, {"ST", "Bavaria"}, {"OU", "R&D"}, {"O", "Acme, Inc", -1}, {"CN", "\xC3\x9Cn #x"}})
            .distinguished_name,
        "CN=\\C3\\9Cn #x,OU=R&D+O=Acme\\, Inc,ST=Bavaria,C=DE"
    );
    EXPECT_EQ(names_of({{"CN", "#1"}}).distinguished_name, "CN=\\#1");
    EXPECT_EQ(names_of({{"CN", " a "}}).distinguished_name, "CN=\\ a\\ ");
}

TEST(CertificateNames, JoinSeveralCommonNames) {
    EXPECT_EQ(names_of({{"CN", "one"}, {"CN", "two"}}).common_name, "one,two");
    EXPECT_EQ(names_of({{"O", "Acme"}}).common_name, "");
}

}  // namespace
}  // namespace simbroker::drive
