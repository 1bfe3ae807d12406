// Runs a fuzz target over a text corpus, as an ordinary test.
//
//   corpus_<target> fuzz/corpus/<target>.txt        runs every line, whole and cut after each octet
//   corpus_<target> -                               the same for lines on standard input
//   corpus_<target> --expand DIRECTORY FILE         writes every line as a file of octets, for libFuzzer
//   corpus_<target> --line NAME FILE                writes the octets of a file as a line of a corpus
//
// A line is a name and hexadecimal digits, with blanks between as one likes; '#' begins a comment.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "codec/wire/hex.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using codec::wire::Bytes;

struct Corpus {
    std::map<std::string, Bytes> entries;
    std::string mistake;
};

Corpus read_corpus(std::istream& lines, const std::string& file) {
    Corpus corpus;
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        line = line.substr(0, line.find('#'));
        while (line.ends_with(' ')) line.pop_back();
        if (line.empty()) continue;
        const auto blank = line.find(' ');
        const auto name = line.substr(0, blank);
        const auto octets = codec::wire::from_hex(blank == std::string::npos ? "" : line.substr(blank + 1));
        if (!octets || !corpus.entries.emplace(name, *octets).second) {
            const auto* why = octets ? "a name that is not there yet" : "a name and pairs of hexadecimal digits";
            corpus.mistake = file + ":" + std::to_string(number) + ": expected " + why + ", got: " + line;
            return corpus;
        }
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
    std::printf("%s %s\n", name.c_str(), codec::wire::to_hex(octets).c_str());
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    const std::vector<std::string> words(arguments + 1, arguments + count);
    if (words.size() == 3 && words[0] == "--line") return print_line(words[1], words[2]);
    const bool expanding = words.size() == 3 && words[0] == "--expand";
    if (!expanding && words.size() != 1) {
        std::fprintf(stderr, "usage: %s FILE | --expand DIRECTORY FILE | --line NAME FILE\n", arguments[0]);
        return 2;
    }
    const auto corpus = read_corpus(words.back());
    if (!corpus.mistake.empty()) {
        std::fprintf(stderr, "%s\n", corpus.mistake.c_str());
        return 1;
    }
    return expanding ? expand(corpus, words[1]) : run(corpus);
}
