// From a place in the running program to the line it was compiled from: the line table that the compiler writes with
// -g, as swift build does in release too. What it looks like is in the DWARF standard, version 4 and 5, section 6.2.
#include <algorithm>
#include <cstring>
#include <fstream>
#include <mutex>
#include <set>

#include "block.h"

#ifdef __linux__
#include <dlfcn.h>
#include <elf.h>
#endif

namespace emulator {

#ifdef __linux__

namespace {

/// Bytes that are read one after another. What lies beyond their end reads as 0.
struct Reader {
  const char *at, *end;

  template <typename T>
  T take() {
    T value = {};
    if (size_t(end - at) >= sizeof(T)) memcpy(&value, at, sizeof(T));
    skip(sizeof(T));
    return value;
  }
  void skip(uint64_t bytes) { at += std::min(bytes, uint64_t(end - at)); }
  uint64_t takeUnsigned() {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      uint8_t byte = take<uint8_t>();
      if (shift < 64) value |= uint64_t(byte & 0x7f) << shift;
      if (!(byte & 0x80)) return value;
    }
  }
  int64_t takeSigned() {
    int64_t value = 0;
    for (int shift = 0;; shift += 7) {
      uint8_t byte = take<uint8_t>();
      if (shift < 64) value |= int64_t(byte & 0x7f) << shift;
      if (byte & 0x80) continue;
      return shift + 7 < 64 && byte & 0x40 ? value | -(int64_t(1) << (shift + 7)) : value;
    }
  }
  std::string takeText() {
    const char *begin = at;
    while (at < end && *at) ++at;
    std::string text(begin, at);
    skip(1);
    return text;
  }
};

/// A program or library in a file.
struct Image {
  std::string bytes;
  bool isFixed = false;  // its addresses are those of the file, wherever it was loaded
  Reader lines = {}, lineTexts = {}, texts = {};

  explicit Image(const std::string &path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    bytes.resize(size_t(std::max<std::streamoff>(file.tellg(), 0)));
    file.seekg(0);
    if (!file.read(bytes.data(), std::streamsize(bytes.size()))) bytes.clear();
    const Elf64_Ehdr *header = part<Elf64_Ehdr>(0);
    if (!header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64) return;
    isFixed = header->e_type == ET_EXEC;
    const Elf64_Shdr *names = section(*header, header->e_shstrndx);
    if (!names) return;
    for (int i = 0; i < header->e_shnum; ++i) {
      const Elf64_Shdr *one = section(*header, i);
      if (!one || one->sh_flags & SHF_COMPRESSED) continue;
      std::string name = contents(*names).at + one->sh_name;
      if (name == ".debug_line") lines = contents(*one);
      if (name == ".debug_line_str") lineTexts = contents(*one);
      if (name == ".debug_str") texts = contents(*one);
    }
  }

 private:
  template <typename T>
  const T *part(uint64_t offset) const {
    return offset + sizeof(T) <= bytes.size() ? reinterpret_cast<const T *>(bytes.data() + offset) : nullptr;
  }
  const Elf64_Shdr *section(const Elf64_Ehdr &header, uint64_t number) const {
    return part<Elf64_Shdr>(header.e_shoff + number * header.e_shentsize);
  }
  Reader contents(const Elf64_Shdr &section) const {
    uint64_t begin = std::min<uint64_t>(section.sh_offset, bytes.size());
    uint64_t length = std::min<uint64_t>(section.sh_size, bytes.size() - begin);
    return {bytes.data() + begin, bytes.data() + begin + length};
  }
};

/// The lines of one compiled file.
class LineTable {
 public:
  LineTable(const Image &image, Reader unit) : image(image), in(unit) {
    version = in.take<uint16_t>();
    if (version < 4 || version > 5) return;
    if (version == 5) in.skip(2);  // sizes of addresses: 8 and 0
    uint32_t headerBytes = in.take<uint32_t>();
    Reader program = in;
    program.skip(headerBytes);
    instructionBytes = in.take<uint8_t>();
    in.skip(2);
    lineBase = in.take<int8_t>();
    lineRange = std::max<uint8_t>(in.take<uint8_t>(), 1);
    firstSpecial = in.take<uint8_t>();
    for (int i = 1; i < firstSpecial; ++i) operands.push_back(in.take<uint8_t>());
    if (version == 5)
      readTables();
    else
      readOldTables();
    in = program;
    isReadable = true;
  }

  /// Enters the line of each place that lies in it into `found`; `wanted` is in order.
  void find(const std::vector<uint64_t> &wanted, std::map<uint64_t, SourceLine> &found) {
    while (isReadable && in.at < in.end) {
      uint8_t code = in.take<uint8_t>();
      if (code >= firstSpecial) {
        advance((code - firstSpecial) / lineRange);
        now.line += lineBase + (code - firstSpecial) % lineRange;
        emit(wanted, found);
      } else if (code == 0) {
        extended(wanted, found);
      } else {
        standard(code, wanted, found);
      }
    }
  }

 private:
  struct Row {
    uint64_t address = 0, file = 1;
    int64_t line = 1;
  };

  void advance(uint64_t steps) { now.address += steps * instructionBytes; }
  void extended(const std::vector<uint64_t> &wanted, std::map<uint64_t, SourceLine> &found) {
    uint64_t bytes = in.takeUnsigned();
    Reader rest = in;
    in.skip(bytes);
    uint8_t code = rest.take<uint8_t>();
    if (code == 2) now.address = rest.take<uint64_t>();
    if (code != 1) return;
    emit(wanted, found);  // the end of a sequence
    now = {};
    hasLast = false;
  }
  void standard(uint8_t code, const std::vector<uint64_t> &wanted, std::map<uint64_t, SourceLine> &found) {
    switch (code) {
      case 1:
        return emit(wanted, found);
      case 2:
        return advance(in.takeUnsigned());
      case 3:
        now.line += in.takeSigned();
        return;
      case 4:
        now.file = in.takeUnsigned();
        return;
      case 8:
        return advance((255 - firstSpecial) / lineRange);
      case 9:
        now.address += in.take<uint16_t>();
        return;
      default:  // columns and flags
        for (int i = 0; i < operands[code - 1]; ++i) in.takeUnsigned();
    }
  }
  /// A row holds up to the next one.
  void emit(const std::vector<uint64_t> &wanted, std::map<uint64_t, SourceLine> &found) {
    if (hasLast) {
      auto place = std::lower_bound(wanted.begin(), wanted.end(), last.address);
      for (; place != wanted.end() && *place < now.address; ++place) {
        if (last.file < files.size()) found[*place] = {files[last.file], int32_t(last.line)};
      }
    }
    last = now;
    hasLast = true;
  }

  std::string textOf(uint64_t form) {
    Reader from = form == 0x1f ? image.lineTexts : image.texts;
    if (form == 0x08) return in.takeText();  // in place
    from.skip(in.take<uint32_t>());
    return from.takeText();
  }
  uint64_t numberOf(uint64_t form) {
    switch (form) {
      case 0x0b:
        return in.take<uint8_t>();
      case 0x05:
        return in.take<uint16_t>();
      case 0x06:
        return in.take<uint32_t>();
      case 0x0f:
        return in.takeUnsigned();
      case 0x1e:
        in.skip(16);  // a checksum
        return 0;
      case 0x09:
        in.skip(in.takeUnsigned());
        return 0;
    }
    return 0;
  }
  /// A table of names, each with its folder's number.
  std::vector<std::pair<std::string, uint64_t>> readTable() {
    std::vector<std::pair<uint64_t, uint64_t>> columns;
    for (int i = in.take<uint8_t>(); i > 0; --i) {
      uint64_t content = in.takeUnsigned();
      columns.emplace_back(content, in.takeUnsigned());
    }
    std::vector<std::pair<std::string, uint64_t>> table;
    for (uint64_t i = in.takeUnsigned(); i > 0 && in.at < in.end; --i) {
      auto &[name, folder] = table.emplace_back();
      for (auto [content, form] : columns) {
        bool isText = form == 0x08 || form == 0x1f || form == 0x0e;
        std::string text = isText ? textOf(form) : "";
        uint64_t number = isText ? 0 : numberOf(form);
        if (content == 1) name = text;
        if (content == 2) folder = number;
      }
    }
    return table;
  }
  void readTables() {
    auto folders = readTable();
    for (const auto &[name, folder] : readTable()) {
      std::string path = name;
      if (folder < folders.size()) path = inside(folders[folder].first, path);
      files.push_back(folders.empty() ? path : inside(folders[0].first, path));
    }
  }
  void readOldTables() {
    std::vector<std::string> folders = {""};
    for (std::string name = in.takeText(); !name.empty(); name = in.takeText()) folders.push_back(name);
    files = {""};
    for (std::string name = in.takeText(); !name.empty(); name = in.takeText()) {
      uint64_t folder = in.takeUnsigned();
      in.takeUnsigned();
      in.takeUnsigned();
      files.push_back(inside(folder < folders.size() ? folders[folder] : "", name));
    }
  }
  static std::string inside(const std::string &folder, const std::string &name) {
    return folder.empty() || name[0] == '/' ? name : folder + "/" + name;
  }

  const Image &image;
  Reader in;
  uint16_t version = 0;
  uint8_t instructionBytes = 1, lineRange = 1, firstSpecial = 1;
  int8_t lineBase = 0;
  std::vector<uint8_t> operands;
  std::vector<std::string> files;
  bool isReadable = false, hasLast = false;
  Row now, last;
};

/// The path of what was loaded at an address, as the system knows it.
std::string pathOf(const Dl_info &info) {
  std::string path = info.dli_fname;
  // The program itself is known by the name that it was called by, which may be a path from another folder.
  std::ifstream program(path);
  return program ? path : "/proc/self/exe";
}

}  // namespace

std::map<const void *, SourceLine> linesOf(std::vector<const void *> sites) {
  std::map<const void *, SourceLine> lines;
  std::map<std::string, std::vector<std::pair<const void *, uint64_t>>>
      images;  // path → sites → distance from its start
  for (const void *site : sites) {
    Dl_info info;
    if (dladdr(site, &info) == 0 || !info.dli_fname) continue;
    images[pathOf(info)].emplace_back(site, uintptr_t(site) - uintptr_t(info.dli_fbase));
  }
  for (const auto &[path, places] : images) {
    Image image(path);
    std::vector<uint64_t> wanted;
    // A call's own place is before the one where it returns to.
    auto address = [&](auto &place) { return (image.isFixed ? uint64_t(place.first) : place.second) - 1; };
    for (const auto &place : places) wanted.push_back(address(place));
    std::sort(wanted.begin(), wanted.end());
    std::map<uint64_t, SourceLine> found;
    for (Reader in = image.lines; in.at < in.end;) {
      uint32_t bytes = in.take<uint32_t>();
      Reader unit = in;
      in.skip(bytes);
      unit.end = in.at;
      if (bytes < 0xfffffff0) LineTable(image, unit).find(wanted, found);
    }
    for (const auto &place : places) lines[place.first] = found[address(place)];
  }
  return lines;
}

#else

std::map<const void *, SourceLine> linesOf(std::vector<const void *>) { return {}; }

#endif

const char *keep(const std::string &text) {
  static std::mutex &lock = *new std::mutex;
  static std::set<std::string> &kept = *new std::set<std::string>;
  std::lock_guard<std::mutex> guard(lock);
  return kept.insert(text).first->c_str();
}

}  // namespace emulator

void KindlingSourceLines(const void *const *returnAddresses, int64_t count, KindlingSourceLine *lines) {
  std::vector<const void *> places(returnAddresses, returnAddresses + count);
  auto found = emulator::linesOf(places);
  for (int64_t i = 0; i < count; i++) {
    const emulator::SourceLine &at = found[returnAddresses[i]];
    lines[i] = {at.line > 0 ? emulator::keep(at.file) : nullptr, at.line};
  }
}
