// What each instruction of arithmetic computes: NVIDIA's "PTX ISA", version 8.0. Only those are here that the committed
// PTX has, with their neighbours of other types; whatever else is read is an error. Approximations (ex2.approx,
// div.approx) are computed exactly here, and a GPU may differ in their last bits.
#include <bit>
#include <cfenv>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "program.h"

namespace ptx {

namespace {

using s8 = int8_t;
using u8 = uint8_t;
using s16 = int16_t;
using u16 = uint16_t;
using s32 = int32_t;
using u32 = uint32_t;
using s64 = int64_t;
using u64 = uint64_t;
using f32 = float;
using f64 = double;
using b16 = u16;
using b32 = u32;
using b64 = u64;
using pred = bool;

/// Makes an action of a function of numbers.
template <typename Function>
struct Of;
template <typename Result, typename... T>
struct Of<Result (*)(T...)> {
  template <auto function, size_t... index>
  static void apply(Registers r, const Instruction &i, std::index_sequence<index...>) {
    set<Result>(r[i.operands[0]], function(get<T>(r[i.operands[1 + index]])...));
  }
  template <auto function>
  static void action(Registers r, const Instruction &i) {
    apply<function>(r, i, std::index_sequence_for<T...>());
  }
};
template <auto function>
constexpr Action of = Of<decltype(function)>::template action<function>;

/// As an unsigned number that does not widen to int, so that it wraps around.
template <typename T>
using Wide = std::conditional_t<sizeof(T) == 8, u64, u32>;

template <typename T>
constexpr int bits = 8 * sizeof(T);

// Dividing by 0 gives all bits on a GPU; the smallest number by -1 itself.
template <typename T>
T divide(T a, T b) {
  if (b == 0) return T(-1);
  if constexpr (std::is_signed_v<T>) {
    if (b == -1) return T(-Wide<T>(a));
  }
  return a / b;
}
template <typename T>
T remainder(T a, T b) {
  if (b == 0) return a;
  if constexpr (std::is_signed_v<T>) {
    if (b == -1) return 0;
  }
  return a % b;
}

// A shift by more than there are bits leaves nothing, or the sign.
template <typename T>
T shiftLeft(T a, u32 by) {
  return by >= bits<T> ? 0 : T(Wide<T>(a) << by);
}
template <typename T>
T shiftRight(T a, u32 by) {
  if (by >= bits<T>) return a < 0 ? T(-1) : T(0);
  return T(a >> by);
}

template <typename T>
T highHalf(T a, T b) {
  using Double =
      std::conditional_t<sizeof(T) == 8, std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>,
                         std::conditional_t<std::is_signed_v<T>, s64, u64>>;
  return T((Double(a) * Double(b)) >> bits<T>);
}

template <typename Result, typename T>
Result toInteger(T x) {
  if (std::isnan(x)) {
    bool isWide = sizeof(T) == 8 || sizeof(Result) == 8;
    return isWide ? Result(Wide<Result>(1) << (bits<Result> - 1)) : 0;
  }
  T limit = std::ldexp(T(1), std::numeric_limits<Result>::digits);
  if (x >= limit) return std::numeric_limits<Result>::max();
  if (x < (std::is_signed_v<Result> ? -limit : T(0))) return std::numeric_limits<Result>::min();
  return Result(x);
}

// MARK: Rounding

template <int direction, typename Function>
__attribute__((noinline)) float rounded(Function function) {
  int before = fegetround();
  fesetround(direction);
  float result = function();
  fesetround(before);
  return result;
}
float product(float a, float b, float c) { return std::fma(a, b, c); }
float sum(float a, float b) { return a + b; }

f32 flushed(f32 x) { return std::fpclassify(x) == FP_SUBNORMAL ? std::copysign(0.0f, x) : x; }

/// The upper half of a float64 only, as good as 20 bits.
f64 roughReciprocal(f64 x) { return std::bit_cast<f64>(std::bit_cast<u64>(1 / x) & 0xffffffff00000000); }

// MARK: With a carry

template <bool takes, bool leaves, bool minus>
void addWithCarry(Registers r, const Instruction &i) {
  u64 a = get<u32>(r[i.operands[1]]), b = get<u32>(r[i.operands[2]]), in = takes ? r[carry] : 0;
  u64 result = minus ? a - b - in : a + b + in;
  set<u32>(r[i.operands[0]], u32(result));
  if (leaves) r[carry] = result >> 32 & 1;
}
template <bool high, bool takes, bool leaves>
void multiplyWithCarry(Registers r, const Instruction &i) {
  u64 product = u64(get<u32>(r[i.operands[1]])) * get<u32>(r[i.operands[2]]);
  u64 result = (high ? product >> 32 : u32(product)) + get<u32>(r[i.operands[3]]) + (takes ? r[carry] : 0);
  set<u32>(r[i.operands[0]], u32(result));
  if (leaves) r[carry] = result >> 32;
}

// MARK: The table

using Table = std::unordered_map<std::string, Action>;

#define SIGNED(ROWS) ROWS(s16) ROWS(s32) ROWS(s64)
#define INTEGERS(ROWS) SIGNED(ROWS) ROWS(u16) ROWS(u32) ROWS(u64)
#define ALL_INTEGERS(ROWS) INTEGERS(ROWS) ROWS(s8) ROWS(u8)
#define BITS(ROWS) ROWS(b16) ROWS(b32) ROWS(b64)
#define FLOATS(ROWS) ROWS(f32) ROWS(f64)
#define WIDENING(ROWS) ROWS(s32, s64) ROWS(u32, u64)
#define TO_INTEGERS_FROM(T, ROWS) ROWS(s32, T) ROWS(u32, T) ROWS(s64, T) ROWS(u64, T)
#define TO_INTEGERS(ROWS) TO_INTEGERS_FROM(f32, ROWS) TO_INTEGERS_FROM(f64, ROWS)

#define F(result, parameters, value) of<+[] parameters -> result { return value; }>

void addIntegers(Table &t) {
#define ROWS(T)                                                                     \
  t["add." #T] = F(T, (T a, T b), T(Wide<T>(a) + Wide<T>(b)));                      \
  t["sub." #T] = F(T, (T a, T b), T(Wide<T>(a) - Wide<T>(b)));                      \
  t["mul.lo." #T] = F(T, (T a, T b), T(Wide<T>(a) * Wide<T>(b)));                   \
  t["mul.hi." #T] = of<highHalf<T>>;                                                \
  t["mad.lo." #T] = F(T, (T a, T b, T c), T(Wide<T>(a) * Wide<T>(b) + Wide<T>(c))); \
  t["div." #T] = of<divide<T>>;                                                     \
  t["rem." #T] = of<remainder<T>>;                                                  \
  t["min." #T] = F(T, (T a, T b), b < a ? b : a);                                   \
  t["max." #T] = F(T, (T a, T b), a < b ? b : a);                                   \
  t["shr." #T] = of<shiftRight<T>>;
  INTEGERS(ROWS)
#undef ROWS
#define ROWS(T)                               \
  t["neg." #T] = F(T, (T a), T(-Wide<T>(a))); \
  t["abs." #T] = F(T, (T a), T(a < 0 ? -Wide<T>(a) : a));
  SIGNED(ROWS)
#undef ROWS
#define ROWS(T)                              \
  t["and." #T] = F(T, (T a, T b), T(a & b)); \
  t["or." #T] = F(T, (T a, T b), T(a | b));  \
  t["xor." #T] = F(T, (T a, T b), T(a ^ b)); \
  t["not." #T] = F(T, (T a), T(~a));         \
  t["shl." #T] = of<shiftLeft<T>>;
  BITS(ROWS)
#undef ROWS
  t["and.pred"] = F(pred, (pred a, pred b), a && b);
  t["or.pred"] = F(pred, (pred a, pred b), a || b);
  t["xor.pred"] = F(pred, (pred a, pred b), a != b);
  t["not.pred"] = F(pred, (pred a), !a);
#define ROWS(T, D)                                   \
  t["mul.wide." #T] = F(D, (T a, T b), D(a) * D(b)); \
  t["mad.wide." #T] = F(D, (T a, T b, D c), D(u64(D(a) * D(b)) + u64(c)));
  WIDENING(ROWS)
#undef ROWS
  t["clz.b64"] = F(u32, (b64 a), u32(std::countl_zero(a)));
  t["bfi.b64"] = F(b64, (b64 a, b64 b, u32 at, u32 count),
                   (b & ~(shiftLeft<b64>(~shiftLeft<b64>(~0ull, count), at))) |
                       shiftLeft<b64>(a & ~shiftLeft<b64>(~0ull, count), at));
  t["add.cc.u32"] = addWithCarry<false, true, false>;
  t["addc.u32"] = addWithCarry<true, false, false>;
  t["addc.cc.u32"] = addWithCarry<true, true, false>;
  t["sub.cc.u32"] = addWithCarry<false, true, true>;
  t["subc.u32"] = addWithCarry<true, false, true>;
  t["subc.cc.u32"] = addWithCarry<true, true, true>;
  t["mad.lo.cc.u32"] = multiplyWithCarry<false, false, true>;
  t["madc.lo.cc.u32"] = multiplyWithCarry<false, true, true>;
  t["madc.hi.u32"] = multiplyWithCarry<true, true, false>;
  t["madc.hi.cc.u32"] = multiplyWithCarry<true, true, true>;
}

void addFloats(Table &t) {
#define ROWS(T)                                               \
  t["add." #T] = t["add.rn." #T] = F(T, (T a, T b), a + b);   \
  t["sub." #T] = t["sub.rn." #T] = F(T, (T a, T b), a - b);   \
  t["mul." #T] = t["mul.rn." #T] = F(T, (T a, T b), a * b);   \
  t["div.rn." #T] = F(T, (T a, T b), a / b);                  \
  t["rcp.rn." #T] = F(T, (T a), 1 / a);                       \
  t["sqrt.rn." #T] = F(T, (T a), std::sqrt(a));               \
  t["fma.rn." #T] = F(T, (T a, T b, T c), std::fma(a, b, c)); \
  t["neg." #T] = F(T, (T a), -a);                             \
  t["abs." #T] = F(T, (T a), std::fabs(a));                   \
  t["cvt.rni." #T "." #T] = F(T, (T a), std::nearbyint(a));   \
  t["cvt.rzi." #T "." #T] = F(T, (T a), std::trunc(a));       \
  t["cvt.rmi." #T "." #T] = F(T, (T a), std::floor(a));       \
  t["cvt.rpi." #T "." #T] = F(T, (T a), std::ceil(a));
  FLOATS(ROWS)
#undef ROWS
  t["fma.rm.f32"] = F(f32, (f32 a, f32 b, f32 c), rounded<FE_DOWNWARD>([=] { return product(a, b, c); }));
  t["fma.rz.f32"] = F(f32, (f32 a, f32 b, f32 c), rounded<FE_TOWARDZERO>([=] { return product(a, b, c); }));
  t["add.rz.f32"] = F(f32, (f32 a, f32 b), rounded<FE_TOWARDZERO>([=] { return sum(a, b); }));
  t["ex2.approx.f32"] = F(f32, (f32 a), std::exp2(a));
  t["ex2.approx.ftz.f32"] = F(f32, (f32 a), flushed(std::exp2(flushed(a))));
  t["rcp.approx.ftz.f32"] = F(f32, (f32 a), flushed(1 / flushed(a)));
  t["rcp.approx.ftz.f64"] = of<roughReciprocal>;
  t["div.approx.f32"] = F(f32, (f32 a, f32 b), a / b);
  t["cvt.sat.f32.f32"] = F(f32, (f32 a), a > 0 ? (a < 1 ? a : 1.0f) : 0.0f);  // 0 for NaN
  t["cvt.f64.f32"] = F(f64, (f32 a), f64(a));
  t["cvt.rn.f32.f64"] = F(f32, (f64 a), f32(a));
}

void addConversions(Table &t) {
#define ROW(D, S) t["cvt." #D "." #S] = F(D, (S a), D(a));
#define ROWS(S) ROW(s8, S) ROW(u8, S) ROW(s16, S) ROW(u16, S) ROW(s32, S) ROW(u32, S) ROW(s64, S) ROW(u64, S)
  ALL_INTEGERS(ROWS)
#undef ROWS
#undef ROW
#define ROWS(S)                                \
  t["cvt.rn.f32." #S] = F(f32, (S a), f32(a)); \
  t["cvt.rn.f64." #S] = F(f64, (S a), f64(a));
  ALL_INTEGERS(ROWS)
#undef ROWS
#define ROWS(D, S)                                                             \
  t["cvt.rni." #D "." #S] = F(D, (S a), (toInteger<D, S>(std::nearbyint(a)))); \
  t["cvt.rzi." #D "." #S] = F(D, (S a), (toInteger<D, S>(std::trunc(a))));     \
  t["cvt.rmi." #D "." #S] = F(D, (S a), (toInteger<D, S>(std::floor(a))));     \
  t["cvt.rpi." #D "." #S] = F(D, (S a), (toInteger<D, S>(std::ceil(a))));
  TO_INTEGERS(ROWS)
#undef ROWS
}

void addComparisons(Table &t) {
#define ROWS(T)                                        \
  t["setp.eq." #T] = F(pred, (T a, T b), a == b);      \
  t["setp.lt." #T] = F(pred, (T a, T b), a < b);       \
  t["setp.le." #T] = F(pred, (T a, T b), a <= b);      \
  t["setp.gt." #T] = F(pred, (T a, T b), a > b);       \
  t["setp.ge." #T] = F(pred, (T a, T b), a >= b);      \
  t["selp." #T] = F(T, (T a, T b, pred p), p ? a : b); \
  t["mov." #T] = F(T, (T a), a);
  INTEGERS(ROWS)
  BITS(ROWS)
  FLOATS(ROWS)
#undef ROWS
  t["mov.pred"] = F(pred, (pred a), a);
#define ROWS(T) t["setp.ne." #T] = F(pred, (T a, T b), a != b);
  INTEGERS(ROWS)
  BITS(ROWS)
#undef ROWS
  // Of numbers that may be none: the plain ones are false then, those with a u true.
#define ROWS(T)                                               \
  t["setp.ne." #T] = F(pred, (T a, T b), a < b || a > b);     \
  t["setp.equ." #T] = F(pred, (T a, T b), !(a < b || a > b)); \
  t["setp.neu." #T] = F(pred, (T a, T b), a != b);            \
  t["setp.ltu." #T] = F(pred, (T a, T b), !(a >= b));         \
  t["setp.leu." #T] = F(pred, (T a, T b), !(a > b));          \
  t["setp.gtu." #T] = F(pred, (T a, T b), !(a <= b));         \
  t["setp.geu." #T] = F(pred, (T a, T b), !(a < b));          \
  t["setp.num." #T] = F(pred, (T a, T b), a == a && b == b);  \
  t["setp.nan." #T] = F(pred, (T a, T b), a != a || b != b);
  FLOATS(ROWS)
#undef ROWS
}

}  // namespace

Action arithmetic(const std::string &name) {
  static const Table &table = *new Table([] {
    Table table;
    addIntegers(table);
    addFloats(table);
    addConversions(table);
    addComparisons(table);
    return table;
  }());
  auto found = table.find(name);
  return found == table.end() ? nullptr : found->second;
}

}  // namespace ptx
