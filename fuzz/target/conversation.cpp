// A broker hears a whole conversation, right and wrong: what it says is made of whole frames with methods it may send,
// the same inputs give the same octets, and afterwards it serves a new client.
//
//   input = octet(profile) octet(bit 0: from the protocol header on; bit 1: a pause after each) *utterance
//   utterance = short(size) size*octet, mostly one frame
#include <algorithm>

#include "codec/wire/bytes.hpp"
#include "conformance/fuzz/mutation.hpp"
#include "conformance/peer/item_reader.hpp"
#include "fuzz/target/expect.hpp"
#include "simbroker/core/broker.hpp"
#include "simbroker/core/trace.hpp"
#include "simbroker/drive/client_octets.hpp"
#include "simbroker/drive/simulation.hpp"

using namespace simbroker;
using namespace std::chrono_literals;
using codec::wire::Bytes;
using codec::wire::BytesView;
using conformance::fuzz::Frames;
using conformance::peer::Item;

namespace {

constexpr std::size_t head_size = 2;
constexpr std::size_t most_steps = 200'000;

// The last utterance may be cut short.
Frames utterances_of(BytesView octets) {
    Frames all;
    while (octets.size() >= 2) {
        const auto size = std::min(std::size_t{octets[0]} << 8 | octets[1], octets.size() - 2);
        const auto utterance = octets.subspan(2, size);
        all.emplace_back(utterance.begin(), utterance.end());
        octets = octets.subspan(2 + size);
    }
    return all;
}

std::string items_of(BytesView octets) {
    conformance::peer::ItemReader reader;
    std::string text;
    for (const auto& item : reader.feed(octets)) {
        fuzz::expect(item.kind != Item::Kind::broken, "a broker says nothing that no peer may say");
        text += describe(item) + "\n";
    }
    return text;
}

void expect_sane(drive::Simulation& simulation) {
    using namespace codec::amqp091;
    const auto client = simulation.connect();
    auto octets = drive::login_octets();
    append_method(octets, {1}, queue::Declare{.queue = "afterwards", .exclusive = true});
    drive::append_publish(octets, "afterwards", codec::wire::as_bytes("still alive"));
    append_method(octets, {1}, basic::Get{.queue = "afterwards", .no_ack = true});
    simulation.send(client, octets);
    simulation.run_until(simulation.now() + 1s, most_steps);
    const auto said = items_of(simulation.received(client));
    fuzz::expect(said.find("still alive") != std::string::npos, "a broker serves the next client");
}

std::uint64_t converse(std::uint8_t profile, std::uint8_t options, const Frames& utterances) {
    const auto profiles = profile::all();
    Broker broker({.profile = *profiles[profile % profiles.size()]}, 1);
    HashingMachine hashing(broker);
    drive::Simulation simulation(hashing);
    const auto client = simulation.connect();
    if ((options & 1) == 0) simulation.send(client, drive::login_octets({.channels = 2}));
    for (const auto& utterance : utterances) {
        simulation.send(client, utterance);
        if ((options & 2) != 0) simulation.run_until(simulation.now() + 1s, most_steps);
    }
    const auto ended = simulation.run_until(simulation.now() + 1min, most_steps);
    fuzz::expect(
        ended == drive::Simulation::RunEnd::reached, "what one client says does not keep a broker busy for ever"
    );
    items_of(simulation.received(client));
    expect_sane(simulation);
    return hashing.hash();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < head_size) return 0;
    const auto utterances = utterances_of({data + head_size, size - head_size});
    const auto hash = converse(data[0], data[1], utterances);
    fuzz::expect(hash == converse(data[0], data[1], utterances), "the same inputs give the same octets");
    return 0;
}

// Knows where frames begin and end, and what stands in them.
extern "C" std::size_t LLVMFuzzerCustomMutator(
    std::uint8_t* data, std::size_t size, std::size_t most, unsigned int seed
) {
    Prng prng(seed);
    if (most < head_size) return 0;
    for (; size < head_size; ++size) data[size] = static_cast<std::uint8_t>(prng.below(4));
    if (prng.below(20) == 0) data[prng.below(head_size)] = static_cast<std::uint8_t>(prng.next());
    auto utterances = utterances_of({data + head_size, size - head_size});
    conformance::fuzz::Mutator mutator(Prng(prng.next()), codec::amqp091::Peer::client);
    for (auto left = 1 + prng.below(3); left > 0; --left) mutator.mutate(utterances);
    size = head_size;
    for (const auto& utterance : utterances) {
        if (utterance.size() > 0xffff || size + 2 + utterance.size() > most) break;
        data[size++] = static_cast<std::uint8_t>(utterance.size() >> 8);
        data[size++] = static_cast<std::uint8_t>(utterance.size());
        std::ranges::copy(utterance, data + size);
        size += utterance.size();
    }
    return size;
}
