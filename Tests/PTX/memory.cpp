// Instructions that leave a thread: loads, stores, atomics, barriers and shuffles; and the moves between one wide
// register and several narrow ones.
#include "memory.h"

#include <atomic>
#include <cstdlib>

namespace ptx {

namespace {

uint64_t place(Registers r, const Instruction &i) { return r[i.address] + uint64_t(i.offset); }

template <Space space>
constexpr int ranges = space == Space::global ? globalRanges : sharedRanges;

template <Space space>
__attribute__((noinline)) void look(Registers r, const Instruction &i, uint64_t address, size_t bytes) {
  Range range = space == Space::global ? globalAt(i, address, bytes) : sharedAt(i, address, bytes);
  uint64_t &next = r[ranges<space> + 8];
  r[ranges<space> + next] = range.begin;
  r[ranges<space> + next + 1] = range.end;
  next = (next + 2) % 8;
}

/// Ends the launch unless the thread may touch these bytes.
template <Space space>
void check(Registers r, const Instruction &i, uint64_t address, size_t bytes) {
  if (space == Space::own) return;
  if (address % bytes != 0) {
    emulator::fail("%s in line %d moves %zu bytes at a misaligned address", i.name.c_str(), i.line, bytes);
  }
  for (Registers range = r + ranges<space>, end = range + 8; range < end; range += 2) {
    if (address >= range[0] && address + bytes <= range[1]) return;
  }
  look<space>(r, i, address, bytes);
}

template <Space space, typename T, int lanes>
void load(Registers r, const Instruction &i) {
  uint64_t address = place(r, i);
  check<space>(r, i, address, sizeof(T) * lanes);
  for (int lane = 0; lane < lanes; ++lane) {
    T value;
    memcpy(&value, reinterpret_cast<const char *>(address) + lane * sizeof(T), sizeof value);
    set<T>(r[i.operands[lane]], value);
  }
}

template <Space space, typename T, int lanes>
void store(Registers r, const Instruction &i) {
  uint64_t address = place(r, i);
  check<space>(r, i, address, sizeof(T) * lanes);
  for (int lane = 0; lane < lanes; ++lane) {
    T value = get<T>(r[i.operands[lane]]);
    memcpy(reinterpret_cast<char *>(address) + lane * sizeof(T), &value, sizeof value);
  }
}

template <typename T>
std::atomic_ref<T> atomic(Registers r, const Instruction &i) {
  uint64_t address = place(r, i);
  check<Space::global>(r, i, address, sizeof(T));
  return std::atomic_ref<T>(*reinterpret_cast<T *>(address));
}
template <typename T>
void atomicAdd(Registers r, const Instruction &i) {
  set<T>(r[i.operands[0]], atomic<T>(r, i).fetch_add(get<T>(r[i.operands[1]]), std::memory_order_relaxed));
}
template <typename T>
void atomicExchange(Registers r, const Instruction &i) {
  T expected = get<T>(r[i.operands[1]]);
  atomic<T>(r, i).compare_exchange_strong(expected, get<T>(r[i.operands[2]]), std::memory_order_relaxed);
  set<T>(r[i.operands[0]], expected);
}

/// One line for all of them: where the compiler has a barrier twice, on two branches, a GPU takes them for one.
void barrier(Registers, const Instruction &) { emulator::barrier(1); }

enum class Shuffle { up, down, butterfly, index };
/// Operands: the result, perhaps a predicate, the value, the distance, the bounds of the lanes that exchange, their
/// mask.
template <Shuffle kind, int results>
void shuffle(Registers r, const Instruction &i) {
  const int32_t *operand = i.operands + results;
  int lane = emulator::view.thread->rank % 32;
  int by = int(r[operand[1]] & 31), clamp = int(r[operand[2]] & 31), segment = int(r[operand[2]] >> 8 & 31);
  int last = (lane & segment) | (clamp & ~segment), first = lane & segment;
  int source = kind == Shuffle::up          ? lane - by
               : kind == Shuffle::down      ? lane + by
               : kind == Shuffle::butterfly ? lane ^ by
                                            : first | (by & ~segment);
  bool isInside = kind == Shuffle::up ? source >= last : source <= last;
  if (!isInside) source = lane;
  uint32_t value = get<uint32_t>(r[operand[0]]);
  uint64_t result = emulator::exchange(i.name.c_str(), get<uint32_t>(r[operand[3]]), value, source, i.line);
  set<uint32_t>(r[i.operands[0]], uint32_t(result));
  if (results == 2) set<bool>(r[i.operands[1]], isInside);
}

/// A wide register out of narrow ones, the lowest first.
template <typename Wide, typename Narrow>
void pack(Registers r, const Instruction &i) {
  Wide wide = 0;
  for (size_t n = 0; n < sizeof(Wide) / sizeof(Narrow); ++n) {
    wide |= Wide(Wide(get<Narrow>(r[i.operands[1 + n]])) << (8 * sizeof(Narrow) * n));
  }
  set<Wide>(r[i.operands[0]], wide);
}
template <typename Wide, typename Narrow>
void unpack(Registers r, const Instruction &i) {
  constexpr size_t count = sizeof(Wide) / sizeof(Narrow);
  Wide wide = get<Wide>(r[i.operands[count]]);
  for (size_t n = 0; n < count; ++n) set<Narrow>(r[i.operands[n]], Narrow(wide >> (8 * sizeof(Narrow) * n)));
}

template <Space space, typename T>
Action moving(bool isLoad, int lanes) {
  switch (lanes) {
    case 1:
      return isLoad ? load<space, T, 1> : store<space, T, 1>;
    case 2:
      return isLoad ? load<space, T, 2> : store<space, T, 2>;
    case 4:
      return isLoad ? load<space, T, 4> : store<space, T, 4>;
  }
  return nullptr;
}

template <Space space>
Action moving(bool isLoad, int lanes, const std::string &type) {
  if (type == "s8") return moving<space, int8_t>(isLoad, lanes);
  if (type == "u8" || type == "b8") return moving<space, uint8_t>(isLoad, lanes);
  if (type == "s16") return moving<space, int16_t>(isLoad, lanes);
  if (type == "u16" || type == "b16") return moving<space, uint16_t>(isLoad, lanes);
  if (type == "s32") return moving<space, int32_t>(isLoad, lanes);
  if (type == "u32" || type == "b32" || type == "f32") return moving<space, uint32_t>(isLoad, lanes);
  if (type == "s64" || type == "u64" || type == "b64" || type == "f64") return moving<space, uint64_t>(isLoad, lanes);
  return nullptr;
}

/// ld.global.nc.v4.f32 and the like.
Action moving(std::string_view name) {
  std::vector<std::string> words;
  for (size_t begin = 0; begin < name.size();) {
    size_t end = std::min(name.find('.', begin), name.size());
    words.emplace_back(name.substr(begin, end - begin));
    begin = end + 1;
  }
  if (words.size() < 3) return nullptr;
  std::string space = words[1], type = words.back();
  int lanes = 1;
  for (size_t n = 2; n + 1 < words.size(); ++n) {
    if (words[n] == "v2" || words[n] == "v4")
      lanes = words[n][1] - '0';
    else if (words[n] != "nc")  // read through another cache
      return nullptr;
  }
  bool isLoad = words[0] == "ld";
  if (space == "global") return moving<Space::global>(isLoad, lanes, type);
  if (space == "shared") return moving<Space::shared>(isLoad, lanes, type);
  if (space == "local" || space == "param") return moving<Space::own>(isLoad, lanes, type);
  return nullptr;
}

}  // namespace

Action action(const std::string &name, int32_t results, int32_t sources) {
  if (name.starts_with("ld.") || name.starts_with("st.")) return moving(name);
  if (name == "bar.sync") return barrier;
  if (name == "shfl.sync.bfly.b32") {
    return results == 2 ? shuffle<Shuffle::butterfly, 2> : shuffle<Shuffle::butterfly, 1>;
  }
  if (name == "shfl.sync.up.b32") return results == 2 ? shuffle<Shuffle::up, 2> : shuffle<Shuffle::up, 1>;
  if (name == "shfl.sync.down.b32") return results == 2 ? shuffle<Shuffle::down, 2> : shuffle<Shuffle::down, 1>;
  if (name == "shfl.sync.idx.b32") return results == 2 ? shuffle<Shuffle::index, 2> : shuffle<Shuffle::index, 1>;
  if (name == "atom.global.add.u32") return atomicAdd<uint32_t>;
  if (name == "atom.global.add.u64") return atomicAdd<uint64_t>;
  if (name == "atom.global.add.f32") return atomicAdd<float>;
  if (name == "atom.global.add.f64") return atomicAdd<double>;
  if (name == "atom.global.cas.b32") return atomicExchange<uint32_t>;
  if (name == "mov.b64" && results == 2) return unpack<uint64_t, uint32_t>;
  if (name == "mov.b64" && sources == 2) return pack<uint64_t, uint32_t>;
  if (name == "mov.b64" && results == 4) return unpack<uint64_t, uint16_t>;
  if (name == "mov.b64" && sources == 4) return pack<uint64_t, uint16_t>;
  if (name == "mov.b32" && results == 2) return unpack<uint32_t, uint16_t>;
  if (name == "mov.b32" && sources == 2) return pack<uint32_t, uint16_t>;
  // Every address is a plain one here.
  if (name.starts_with("cvta.") && name.ends_with(".u64")) return arithmetic("mov.u64");
  return arithmetic(name);
}

}  // namespace ptx
