// A mistake planted on purpose: it reads one octet too far when a queue.declare names a queue whose name begins with
// 'c'. `script/fuzz canary` proves that fuzzer, dictionary and sanitizer together find such a thing; nothing else uses
// it.
#include "codec/amqp091/codec.hpp"
#include "fuzz/target/expect.hpp"

using namespace codec::amqp091;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 8 || peek_method_id({data, size}) != MethodId{50, 10}) return 0;
    const auto name_size = data[6];
    if (name_size == 0 || data[7] != 'c') return 0;
    const Bytes name(data + 7, data + std::min<std::size_t>(size, 7u + name_size));
    [[maybe_unused]] const volatile auto beyond = *(name.data() + name.capacity());
    fuzz::expect(false, "no queue has a name that begins with 'c' (this mistake is planted)");
    return 0;
}
