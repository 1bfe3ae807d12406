// THE TABLE against the list made from the official XML, in both directions.
#include "codec/amqp091/methods.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "codec/amqp091/codec.hpp"

namespace codec::amqp091 {
namespace {

struct Listed {
    int class_id{}, method_id{};
    std::string sender, content;
    std::vector<std::string> fields;
};

// Tests run in the root of the repository.
std::map<std::string, Listed> official_list() {
    std::map<std::string, Listed> list;
    std::ifstream file("codec/amqp091/specification_methods.txt");
    EXPECT_TRUE(file) << "codec/amqp091/specification_methods.txt: run the tests in the root of the repository";
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line.starts_with('#')) continue;
        std::istringstream words(line);
        std::string name;
        Listed listed;
        words >> name >> listed.class_id >> listed.method_id >> listed.sender >> listed.content;
        for (std::string field; words >> field;) listed.fields.push_back(field);
        EXPECT_TRUE(list.emplace(name, listed).second) << name << " is listed twice";
    }
    return list;
}

std::string_view word(Peer sender) {
    switch (sender) {
        case Peer::client: return "client";
        case Peer::server: return "server";
        case Peer::both: return "both";
    }
    return "";
}

// A field as the list writes it: reserved-1:short!
std::string as_listed(const FieldRow& row) {
    std::string name(row.name);
    std::ranges::replace(name, '_', '-');
    return name + ":" + std::string(to_string(row.domain)) + (row.reserved ? "!" : "");
}

TEST(MethodTable, has_every_method_of_the_specification_and_no_other) {
    std::vector<std::string> listed, rows;
    for (const auto& [name, method] : official_list()) listed.push_back(name);
    for (const auto& row : method_rows()) rows.emplace_back(row.name);
    std::ranges::sort(rows);
    EXPECT_EQ(rows, listed);
    EXPECT_EQ(rows.size(), 69u);  // 64, the two of the access class, the three of consumer credit
}

TEST(MethodTable, agrees_with_the_specification_in_every_row) {
    const auto list = official_list();
    for (const auto& row : method_rows()) {
        SCOPED_TRACE(row.name);
        const auto found = list.find(std::string(row.name));
        ASSERT_NE(found, list.end());
        const auto& listed = found->second;
        EXPECT_EQ(row.id.class_id, listed.class_id);
        EXPECT_EQ(row.id.method_id, listed.method_id);
        EXPECT_EQ(word(row.sender), listed.sender);
        EXPECT_EQ(row.carries == Carries::content ? "content" : "-", listed.content);
        std::vector<std::string> fields;
        for (const auto& field : row.fields) fields.push_back(as_listed(field));
        EXPECT_EQ(fields, listed.fields);
    }
}

TEST(MethodTable, is_found_by_name_and_by_id) {
    for (const auto& row : method_rows()) {
        EXPECT_EQ(find_method(row.name), &row);
        EXPECT_EQ(find_method(row.id), &row);
    }
    EXPECT_EQ(find_method("basic.publis"), nullptr);
    EXPECT_EQ(find_method(MethodId{60, 41}), nullptr);
    EXPECT_EQ(find_method(MethodId{60, 65535}), nullptr);
    EXPECT_EQ(find_method(MethodId{65535, 40}), nullptr);
}

TEST(MethodTable, describes_a_method_by_its_row) {
    const Method method = basic::GetOk{};
    EXPECT_EQ(name_of(method), "basic.get-ok");
    EXPECT_EQ(id_of(method), (MethodId{60, 71}));
    EXPECT_EQ(sender_of(method), Peer::server);
    EXPECT_TRUE(carries_content(method));
    EXPECT_FALSE(carries_content(Method(basic::GetEmpty{})));
}

TEST(Methods, are_equal_when_every_field_is) {
    const basic::Ack ack{.delivery_tag = 1, .multiple = true};
    EXPECT_EQ(Method(ack), Method(basic::Ack{.delivery_tag = 1, .multiple = true}));
    EXPECT_NE(Method(ack), Method(basic::Ack{.delivery_tag = 1, .multiple = false}));
    EXPECT_NE(Method(ack), Method(basic::Ack{.delivery_tag = 2, .multiple = true}));
    EXPECT_NE(Method(tx::Select{}), Method(tx::SelectOk{}));
}

TEST(Methods, are_shown_with_their_fields) {
    FieldTableBuilder arguments;
    arguments.add("x-expires", 5);
    EXPECT_EQ(
        to_string(Method(queue::Bind{.queue = "q", .routing_key = "a\"b\x01", .arguments = arguments.view()})),
        R"(queue.bind(queue="q", exchange="", routing_key="a\"b\x01", no_wait=false, arguments={x-expires=I5}))"
    );
    EXPECT_EQ(to_string(Method(tx::Select{})), "tx.select()");
}

}  // namespace
}  // namespace codec::amqp091
