// The types of queues, and how the versions differ in them: which arguments a type knows, how quorum queues count,
// order and drop messages, and the words of the refusals.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

namespace simbroker::profile {

enum class QueueType : std::uint8_t { classic, quorum, stream };

class QueueTypes {
public:
    constexpr QueueTypes(std::initializer_list<QueueType> types) {
        for (const auto type : types) bits_ = static_cast<std::uint8_t>(bits_ | bit(type));
    }
    constexpr bool contains(QueueType type) const { return (bits_ & bit(type)) != 0; }

private:
    static constexpr std::uint8_t bit(QueueType type) {
        return static_cast<std::uint8_t>(1U << static_cast<unsigned>(type));
    }
    std::uint8_t bits_ = 0;
};

// An argument and the types that know it. A type that does not know it refuses it; an argument in no row is nobody's
// and passes.
struct KnownArgument {
    std::string_view name;
    QueueTypes types;
};

// x-queue-mode of a classic queue: default or lazy, or whatever it is.
enum class QueueMode : std::uint8_t { checked, not_looked_at };

// An x-queue-master-locator nobody registered: the declaration fails inside the broker, or passes.
enum class UnknownMasterLocator : std::uint8_t { fails_inside, not_looked_at };

struct ClassicQueues {
    QueueMode queue_mode;
    std::int64_t oldest_version;  // that x-queue-version may ask for; the newest is 2
    UnknownMasterLocator unknown_master_locator;
};

// When a message out of a quorum queue says how often its delivery failed: once it has, and before that if it was got
// and not delivered; once it has; or once it has, with the count of all acquisitions beside it.
enum class DeliveryCountHeader : std::uint8_t { on_redelivery_and_get, on_redelivery, with_acquired_count };

// Which returns count as failed deliveries against x-delivery-limit.
enum class CountedReturns : std::uint8_t { all, rejected_or_lost };

// Where a returned message goes if no limit is set to its deliveries. With a limit it goes to the front.
enum class UnlimitedReturn : std::uint8_t { to_the_tail, to_the_front };

// An x-delivery-limit below 0.
enum class NegativeDeliveryLimit : std::uint8_t { counts_as_it_is, unlimited };

// An x-delivery-limit that is not a number, or not a whole one.
enum class OddDeliveryLimit : std::uint8_t { compared_as_it_is, as_if_not_given };

// What the property priority means to a quorum queue: nothing; above 4 or not, served two to one; 32 strict levels.
enum class QuorumPriorities : std::uint8_t { none, two_levels, strict };

// What x-max-length-bytes counts in a quorum queue.
enum class QuorumLengthBytes : std::uint8_t { bodies, properties_and_bodies };

// Who is the single active consumer of a quorum queue.
enum class QuorumActiveConsumer : std::uint8_t { the_eldest, the_highest_priority };

struct QuorumQueues {
    std::optional<std::int64_t> default_delivery_limit;
    DeliveryCountHeader delivery_count_header;
    CountedReturns counted_returns;
    UnlimitedReturn unlimited_return;
    NegativeDeliveryLimit negative_delivery_limit;
    OddDeliveryLimit odd_delivery_limit;
    QuorumPriorities priorities;
    QuorumLengthBytes length_bytes;
    QuorumActiveConsumer active_consumer;
    std::string_view name_in_get_refusal;  // "basic.get operations are not supported by ... queues with ..."
};

// What a client may say of a delivery out of a stream. Whatever it is, it gives the consumer credit for another.
enum class StreamSettlements : std::uint8_t { acknowledgements_only, all_give_credit };

// How texts name a stream.
enum class StreamNaming : std::uint8_t { quoted_queue, stream_queue };

// An interval that does not even begin with a number, in x-max-age or x-stream-offset.
enum class UnreadableInterval : std::uint8_t { fails_inside, refused };

// What is left of the headers after a stream.
enum class StreamHeaders : std::uint8_t { never_nested, nested_if_annotations };

// The property delivery-mode of a message that was published without.
enum class StreamDeliveryMode : std::uint8_t { as_published, always_told };

struct StreamQueues {
    StreamSettlements settlements;
    StreamNaming naming;
    UnreadableInterval unreadable_interval;
    StreamHeaders headers;
    StreamDeliveryMode delivery_mode;
    std::string_view filter_size_refusal;  // of x-stream-filter-size-bytes out of bounds; empty: none
};

}  // namespace simbroker::profile
