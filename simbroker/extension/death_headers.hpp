// x-death and its companions, in the two ways RabbitMQ has had of keeping them.
#pragma once

#include "codec/amqp091/field_table.hpp"
#include "simbroker/extension/dead_letter.hpp"

namespace simbroker::extension {

// Up to 3.12: the headers are the only memory. What a client put into x-death counts; a repeated death moves to the
// front.
codec::amqp091::FieldTableBuilder headers_with_merged_death(
    codec::amqp091::FieldTable headers, const model::Death& death
);

// From 3.13: the broker remembers the deaths of a message apart from its headers and writes x-death anew.
std::vector<model::Death> deaths_with(std::vector<model::Death> deaths, const model::Death& death);
codec::amqp091::FieldTableBuilder headers_from_deaths(
    codec::amqp091::FieldTable headers, const std::vector<model::Death>& deaths, const model::Death& first
);

// The deaths a message carries in its x-death header, the latest first.
std::vector<model::Death> deaths_in(codec::amqp091::FieldTable headers);

}  // namespace simbroker::extension
