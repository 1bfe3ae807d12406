// Runs a fuzz target over a text corpus, as an ordinary test.
//
//   corpus_<target> fuzz/corpus/<target>.txt        runs every line, whole and cut after each octet
//   corpus_<target> -                               the same for lines on standard input
//   corpus_<target> --expand DIRECTORY FILE         writes every line as a file of octets, for libFuzzer
//   corpus_<target> --line NAME FILE                writes the octets of a file as a line of a corpus
//   corpus_<target> --mutate SEED COUNT FILE        runs COUNT changed lines, the same for the same SEED; a crash
//   prints
//                                                   the line that caused it. A fuzzer without coverage, for any
//                                                   compiler.
//
// A line is a name and octets (corpus_line.hpp); '#' begins a comment.
#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "fuzz/blind_mutation.hpp"
#include "fuzz/corpus_line.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
// A target may know better than this file how to change its inputs.
extern "C" [[gnu::weak]] std::size_t LLVMFuzzerCustomMutator(
    std::uint8_t* data, std::size_t size, std::size_t most, unsigned int seed
);

namespace {

using codec::wire::Bytes;

constexpr unsigned most_seconds = 30;  // for one input

struct Corpus {
    std::map<std::string, Bytes> entries;
    std::string mistake;
};

Corpus read_corpus(std::istream& lines, const std::string& file) {
    Corpus corpus;
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        auto entry = fuzz::entry_of(line);
        if (entry && entry->name.empty()) continue;
        if (entry && corpus.entries.emplace(entry->name, entry->octets).second) continue;
        const auto why = entry ? "a name that is not there yet" : entry.error();
        corpus.mistake = file + ":" + std::to_string(number) + ": expected " + why + ", got: " + line;
        return corpus;
    }
    if (corpus.entries.empty()) corpus.mistake = file + ": expected at least one line with a name and octets";
    return corpus;
}

Corpus read_corpus(const std::string& file) {
    if (file == "-") return read_corpus(std::cin, "standard input");
    std::ifstream lines(file);
    if (!lines) return {.entries = {}, .mistake = file + ": expected a corpus file, cannot read it"};
    return read_corpus(lines, file);
}

// A copy of exactly that size: a sanitizer sees a read beyond it.
void run_one(const Bytes& octets, std::size_t size) {
    const std::vector<std::uint8_t> exact(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

int run(const Corpus& corpus) {
    std::size_t inputs = 0;
    for (const auto& [name, octets] : corpus.entries) {
        std::fprintf(stderr, "%s\n", name.c_str());  // the last name printed is the one that failed
        for (std::size_t size = 0; size <= octets.size(); ++size, ++inputs) run_one(octets, size);
    }
    std::printf("%zu entries, %zu inputs\n", corpus.entries.size(), inputs);
    return 0;
}

// For the handler, which may not ask for memory: the line to print.
std::string line_at_hand;

void print_line_at_hand(int signal) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line_at_hand.data(), line_at_hand.size());
    ::signal(signal, SIG_DFL);
    ::raise(signal);
}

int mutate(const Corpus& corpus, unsigned seed, unsigned long count) {
    for (const auto signal : {SIGABRT, SIGSEGV, SIGFPE, SIGILL, SIGBUS, SIGALRM}) ::signal(signal, print_line_at_hand);
    std::vector<Bytes> pool;
    for (const auto& [name, octets] : corpus.entries) pool.push_back(octets);
    fuzz::BlindMutation mutation(seed, LLVMFuzzerCustomMutator);
    for (unsigned long number = 0; number < count; ++number) {
        const auto octets = mutation.change_one_of(pool);
        line_at_hand = "found " + fuzz::to_text(octets) + "\n";
        ::alarm(most_seconds);
        run_one(octets, octets.size());
    }
    ::alarm(0);
    std::printf("%lu inputs with seed %u\n", count, seed);
    return 0;
}

int expand(const Corpus& corpus, const std::string& directory) {
    for (const auto& [name, octets] : corpus.entries) {
        std::ofstream file(directory + "/" + name, std::ios::binary);
        file.write(reinterpret_cast<const char*>(octets.data()), static_cast<std::streamsize>(octets.size()));
        if (!file.flush()) {
            std::fprintf(stderr, "%s/%s: expected a directory to write to\n", directory.c_str(), name.c_str());
            return 1;
        }
    }
    return 0;
}

int print_line(const std::string& name, const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        std::fprintf(stderr, "%s: expected a file of octets, cannot read it\n", path.c_str());
        return 1;
    }
    const Bytes octets{std::istreambuf_iterator<char>(file), {}};
    std::printf("%s %s\n", name.c_str(), fuzz::to_text(octets).c_str());
    return 0;
}

template <class Number>
bool read(const std::string& word, Number& into) {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), into);
    return error == std::errc() && end == word.data() + word.size();
}

int usage(const char* program) {
    std::fprintf(
        stderr, "usage: %s FILE | --expand DIRECTORY FILE | --line NAME FILE | --mutate SEED COUNT FILE\n", program
    );
    return 2;
}

}  // namespace

int main(int count, char** arguments) {
    const std::vector<std::string> words(arguments + 1, arguments + count);
    if (words.size() == 3 && words[0] == "--line") return print_line(words[1], words[2]);
    const bool expanding = words.size() == 3 && words[0] == "--expand";
    unsigned seed = 0;
    unsigned long inputs = 0;
    const bool mutating = words.size() == 4 && words[0] == "--mutate" && read(words[1], seed) && read(words[2], inputs);
    if (!expanding && !mutating && words.size() != 1) return usage(arguments[0]);
    const auto corpus = read_corpus(words.back());
    if (!corpus.mistake.empty()) {
        std::fprintf(stderr, "%s\n", corpus.mistake.c_str());
        return 1;
    }
    if (mutating) return mutate(corpus, seed, inputs);
    return expanding ? expand(corpus, words[1]) : run(corpus);
}
