// Reading PTX: words, declarations, instructions.
#include <cctype>
#include <cstdlib>
#include <stdexcept>
#include <unordered_map>

#include "memory.h"

namespace ptx {

namespace {

struct Word {
  std::string text;
  int32_t line;
};

/// Names, numbers and signs; comments are left out.
std::vector<Word> wordsOf(const char *text) {
  std::vector<Word> words;
  int32_t line = 1;
  auto isOfName = [](char c) { return isalnum(static_cast<unsigned char>(c)) || strchr("_$%.", c); };
  for (const char *c = text; *c;) {
    if (*c == '\n') ++line;
    if (isspace(static_cast<unsigned char>(*c))) {
      ++c;
    } else if (c[0] == '/' && c[1] == '/') {
      while (*c && *c != '\n') ++c;
    } else if (*c == '"') {
      const char *end = strchr(c + 1, '"');
      words.push_back({std::string(c, end + 1), line});
      c = end + 1;
    } else {
      const char *end = c;
      if (isOfName(*c) || (c[0] == '-' && isdigit(static_cast<unsigned char>(c[1])))) {
        do ++end;
        while (*end && isOfName(*end));
      } else {
        ++end;
      }
      words.push_back({std::string(c, end), line});
      c = end;
    }
  }
  return words;
}

size_t bytesOf(const std::string &type) { return std::strtoul(type.c_str() + 2, nullptr, 10) / 8; }  // .b32

/// A variable as it is declared: .shared .align 16 .b8 tile[1088];
struct Declaration {
  std::string name, type;
  size_t count = 1;
  size_t bytes() const { return bytesOf(type) * count; }
};

class Reader {
 public:
  Reader(const char *text, Module &module) : words(wordsOf(text)), module(module) {}

  void readModule() {
    while (at < words.size()) {
      std::string word = next();
      if (word == ".version" || word == ".target" || word == ".address_size")
        ++at;
      else if (word == ".global" || word == ".const")
        readGlobal();
      else if (word == ".shared")
        declareShared(declaration(), module.shared);
      else if (word == ".visible")
        continue;
      else if (word == ".entry" || word == ".func")
        readFunction(word == ".entry");
      else
        unknown(word);
    }
    for (auto &[instruction, name] : calls) {
      auto found = module.functions.find(name);
      if (found == module.functions.end()) throw std::runtime_error("it calls " + name + ", which it does not have");
      instruction.first->instructions[instruction.second].callee = &found->second;
    }
  }

 private:
  std::vector<Word> words;
  Module &module;
  size_t at = 0;

  // Of the function that is being read.
  Function *function = nullptr;
  struct Scope {
    std::unordered_map<std::string, int32_t> names;
    std::vector<std::pair<std::string, std::pair<int32_t, int32_t>>> numbered;  // %r<69>: first word, count
  };
  std::vector<Scope> scopes;
  std::unordered_map<uint64_t, int32_t> constants;
  std::unordered_map<std::string, int32_t> labels, globals;
  std::vector<std::pair<size_t, std::string>> branches;
  std::vector<std::pair<std::pair<Function *, size_t>, std::string>> calls;

  // MARK: Words

  const std::string &peek(size_t ahead = 0) const {
    static const std::string none;
    return at + ahead < words.size() ? words[at + ahead].text : none;
  }
  std::string next() {
    if (at >= words.size()) throw std::runtime_error("it ends in the middle");
    return words[at++].text;
  }
  bool take(const char *word) {
    if (peek() != word) return false;
    ++at;
    return true;
  }
  void expect(const char *word) {
    if (!take(word)) unknown(peek());
  }
  [[noreturn]] void unknown(const std::string &word) const {
    int32_t line = words.empty() ? 0 : words[std::min(at ? at - 1 : 0, words.size() - 1)].line;
    throw std::runtime_error("unknown to Tests/PTX: '" + word + "' in line " + std::to_string(line));
  }

  // MARK: Declarations

  Declaration declaration() {
    Declaration made;
    if (take(".align")) ++at;
    made.type = next();
    made.name = next();
    if (take("[")) {
      made.count = std::strtoul(next().c_str(), nullptr, 10);
      expect("]");
    }
    return made;
  }

  void readGlobal() {
    Declaration made = declaration();
    std::vector<char> &bytes = module.globals[made.name];
    bytes.resize(made.bytes());
    if (take("=")) {
      if (made.type != ".b8") unknown(made.type);
      expect("{");
      for (size_t n = 0; peek() != "}"; take(",")) bytes.at(n++) = char(std::atoi(next().c_str()));
      expect("}");
    }
    expect(";");
  }

  void declareShared(const Declaration &made, std::map<std::string, emulator::SharedVariable> &variables) {
    auto place = variables.try_emplace(made.name).first;
    place->second = {place->first.c_str(), made.bytes(), bytesOf(made.type), 0};
    take(";");
  }

  int32_t newWord(uint64_t value = 0) {
    function->initial.push_back(value);
    return int32_t(function->initial.size() - 1);
  }

  void readParameters() {
    expect("(");
    while (!take(")")) {
      expect(".param");
      Declaration made = declaration();
      int32_t reg = newWord();
      scopes.back().names[made.name] = reg;
      function->parameters.push_back(reg);
      function->sizes.push_back(made.bytes());
      take(",");
    }
  }

  void readFunction(bool isEntry) {
    Function made;
    function = &made;
    made.initial.resize(specials);
    scopes.assign(1, {});
    constants.clear();
    labels.clear();
    globals.clear();
    branches.clear();
    if (peek() == "(") readParameters();  // the result
    made.name = next();
    readParameters();
    if (take(";")) return;  // only announced
    while (!take("{")) {
      std::string word = next();
      if (word == ".maxntid") {
        made.maximumThreads = 1;
        do made.maximumThreads *= uint32_t(std::atoi(next().c_str()));
        while (take(","));
      } else if (word == ".minnctapersm") {
        ++at;
      } else {
        unknown(word);
      }
    }
    function = &((isEntry ? module.kernels : module.functions)[made.name] = made);
    readBody();
    for (auto &[instruction, label] : branches) {
      auto found = labels.find(label);
      if (found == labels.end()) unknown(label);
      function->instructions[instruction].target = found->second;
    }
    if (function->initial.size() > 5000) throw std::runtime_error(function->name + " has too many registers");
  }

  void readBody() {
    scopes.push_back({});
    for (size_t depth = 1; depth > 0;) {
      if (take("{")) {
        scopes.push_back({});
        ++depth;
      } else if (take("}")) {
        scopes.pop_back();
        --depth;
      } else if (peek(1) == ":") {
        labels[next()] = int32_t(function->instructions.size());
        ++at;
      } else if (peek()[0] == '.') {
        readDirective();
      } else {
        readInstruction();
      }
    }
  }

  void readDirective() {
    std::string word = next();
    if (word == ".pragma") {
      ++at;
      expect(";");
    } else if (word == ".reg") {
      ++at;  // a word holds every type
      do {
        std::string name = next();
        if (take("<")) {
          int32_t count = std::atoi(next().c_str());
          scopes.back().numbered.push_back({name, {newWord(), count}});
          for (int32_t n = 1; n < count; ++n) newWord();
          expect(">");
        } else {
          scopes.back().names[name] = newWord();
        }
      } while (take(","));
      expect(";");
    } else if (word == ".local" || word == ".param") {
      Declaration made = declaration();
      function->localBytes = (function->localBytes + 15) / 16 * 16;
      int32_t reg = scopes.back().names[made.name] = newWord();
      function->locals.push_back({reg, function->localBytes});
      function->localBytes += made.bytes();
      expect(";");
    } else if (word == ".shared") {
      Declaration made = declaration();
      // Two kernels may have variables of one name.
      made.name = function->name + "/" + made.name;
      declareShared(made, module.shared);
    } else {
      unknown(word);
    }
  }

  // MARK: Instructions

  /// The word of a register, a variable's address, a constant.
  int32_t operand(const std::string &text) {
    for (size_t n = scopes.size(); n-- > 0;) {
      auto found = scopes[n].names.find(text);
      if (found != scopes[n].names.end()) return found->second;
      for (auto &[name, place] : scopes[n].numbered) {
        if (text.compare(0, name.size(), name) != 0 || text.size() == name.size()) continue;
        char *end;
        long number = std::strtol(text.c_str() + name.size(), &end, 10);
        if (!*end && number >= 0 && number < place.second) return place.first + int32_t(number);
      }
    }
    static const char *const names[] = {"%tid.x",   "%tid.y",   "%tid.z",   "%ntid.x",   "%ntid.y",   "%ntid.z",
                                        "%ctaid.x", "%ctaid.y", "%ctaid.z", "%nctaid.x", "%nctaid.y", "%nctaid.z"};
    for (int32_t n = 0; n < carry; ++n) {
      if (text == names[n]) return n;
    }
    if (auto known = globals.find(text); known != globals.end()) return known->second;
    if (auto found = module.globals.find(text); found != module.globals.end()) {
      return globals[text] = newWord(reinterpret_cast<uint64_t>(found->second.data()));
    }
    for (const std::string &name : {function->name + "/" + text, text}) {
      auto found = module.shared.find(name);
      if (found == module.shared.end()) continue;
      int32_t reg = globals[text] = newWord();
      function->shared.push_back({reg, &found->second});
      return reg;
    }
    return constant(text);
  }

  int32_t constant(const std::string &text) {
    uint64_t bits;
    char *end = nullptr;
    if (text.starts_with("0f") || text.starts_with("0F") || text.starts_with("0d") || text.starts_with("0D")) {
      bits = std::strtoull(text.c_str() + 2, &end, 16);
    } else if (text.starts_with("-")) {
      bits = uint64_t(std::strtoll(text.c_str(), &end, 0));
    } else {
      bits = std::strtoull(text.c_str(), &end, 0);
    }
    if (*end || !(isdigit(static_cast<unsigned char>(text[0])) || text[0] == '-')) unknown(text);
    auto [place, isNew] = constants.try_emplace(bits, 0);
    if (isNew) place->second = newWord(bits);
    return place->second;
  }

  void readInstruction() {
    Instruction made;
    made.line = words[at].line;
    if (take("@")) {
      made.isNegated = take("!");
      made.predicate = operand(next());
    }
    made.name = next();
    if (made.name == "ret") {
      made.kind = Kind::finish;
    } else if (made.name == "bra" || made.name == "bra.uni") {
      made.kind = Kind::branch;
      branches.push_back({function->instructions.size(), next()});
    } else if (made.name == "call.uni") {
      readCall(made);
    } else {
      readOperands(made);
    }
    expect(";");
    function->instructions.push_back(std::move(made));
  }

  void add(Instruction &made, const std::string &text) {
    if (made.operandCount == int32_t(std::size(made.operands))) unknown(text);
    made.operands[made.operandCount++] = operand(text);
  }

  /// call.uni (result), name, (parameters)
  void readCall(Instruction &made) {
    made.kind = Kind::call;
    auto list = [&] {
      expect("(");
      while (!take(")")) {
        add(made, next());
        take(",");
      }
    };
    if (peek() == "(") {
      list();
      expect(",");
    }
    calls.push_back({{function, function->instructions.size()}, next()});
    if (take(",")) list();
  }

  void readOperands(Instruction &made) {
    int32_t counts[2] = {0, 0};  // of the registers in the first operand, and in the last
    bool isFirst = true;
    while (peek() != ";") {
      int32_t before = made.operandCount;
      if (take("[")) {
        made.address = operand(next());
        if (take("+")) made.offset = std::strtoll(next().c_str(), nullptr, 0);
        expect("]");
      } else if (take("{")) {
        while (!take("}")) {
          add(made, next());
          take(",");
        }
      } else {
        do add(made, next());
        while (take("|"));
      }
      counts[isFirst ? 0 : 1] = made.operandCount - before;
      isFirst = false;
      take(",");
    }
    made.action = action(made.name, counts[0], counts[1]);
    if (!made.action) unknown(made.name);
  }
};

}  // namespace

void read(const char *text, Module &module) { Reader(text, module).readModule(); }

}  // namespace ptx
