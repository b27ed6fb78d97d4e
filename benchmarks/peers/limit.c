/* The limit of this machine: what the kernels of flatbook do, as a C programmer writes it for gcc -O3 -march=native.

   Loops without calls or branches over restrict columns, so that gcc can run them eight rows at a time. Two ways to
   exp, log and the normal tail: LIBRARY calls the C library (libmvec's vector functions under -ffast-math), otherwise
   polynomials with even and odd powers apart, which halves the chain of dependent multiplications. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#define COLUMN const double *restrict
#define ROOT_HALF_BITS 0x3FE6A09E667F3BCDLL

static inline double as_double(int64_t bits) { double x; memcpy(&x, &bits, 8); return x; }
static inline int64_t as_bits(double x) { int64_t bits; memcpy(&bits, &x, 8); return bits; }
static inline double least(double a, double b) { return a < b ? a : b; }
static inline double most(double a, double b) { return a > b ? a : b; }

#ifdef LIBRARY
#define exponential exp
#define logarithm log
#else
static inline double exponential(double y) {
  double powers = rint(y * 1.4426950408889634);
  double r = (y - powers * 0.6931471805598903) - powers * 5.497923018708371e-14, rr = r * r;
  double odd = 2.5110079917407737e-08, even = 2.763269466207279e-07;
  odd = odd * rr + 2.7557240804190355e-06;
  odd = odd * rr + 0.00019841269890154013;
  odd = odd * rr + 0.008333333333319561;
  odd = odd * rr + 0.1666666666666668;
  even = even * rr + 2.4801485333574577e-05;
  even = even * rr + 0.001388888895245379;
  even = even * rr + 0.04166666666648757;
  even = even * rr + 0.5000000000000019;
  double p = ((odd * r + even) * r + 1.0) * r + 1.0;
  return as_double(as_bits(p) + (int64_t)((uint64_t)(int64_t)powers << 52));
}

static inline double logarithm(double x) {
  int64_t bits = as_bits(x) - ROOT_HALF_BITS;
  double powers = (double)(bits >> 52);
  double m = as_double((bits & 0x000FFFFFFFFFFFFFLL) + ROOT_HALF_BITS);
  double f = (m - 1.0) / (m + 1.0), z = f * f;
  double g = 0.07308518774395825;
  g = g * z + 0.0766583701508393;
  g = g * z + 0.09091445278347801;
  g = g * z + 0.1111110555757208;
  g = g * z + 0.14285714313047945;
  g = g * z + 0.1999999999994962;
  g = g * z + 0.3333333333333335;
  return powers * 0.6931471805598903 + (2.0 * f + (2.0 * f * z * g + powers * 5.497923018708371e-14));
}
#endif

/* N(-x) / phi(x) = over / under for x >= 0. */
static inline double over(double x, double xx) {
  double even = 8.634943994072102e-07, odd = 2.5202917575868955e-05;
  even = even * xx + 0.00036480677892731237;
  even = even * xx + 0.022272312377164878;
  even = even * xx + 0.3824005361129063;
  even = even * xx + 1.8349106192623743;
  even = even * xx + 1.2533141373155003;
  odd = odd * xx + 0.0033938124079020263;
  odd = odd * xx + 0.1071983060314421;
  odd = odd * xx + 0.9988352702071057;
  odd = odd * xx + 2.1579260283216843;
  return odd * x + even;
}

static inline double under(double x, double xx) {
  double odd = 8.634943994072102e-07, even = 2.5202917575868968e-05;
  odd = odd * xx + 0.000365670273326713;
  odd = odd * xx + 0.02263539216711932;
  odd = odd * xx + 0.40395186933042443;
  odd = odd * xx + 2.176350294818652;
  odd = odd * xx + 2.5196604221553853;
  even = even * xx + 0.003419015325479394;
  even = even * xx + 0.11054171261622948;
  even = even * xx + 1.0994979979374777;
  even = even * xx + 2.9744450028664335;
  even = even * xx + 1.0;
  return odd * x + even;
}

/* phi(d1), the tail N(-|d1|) and the cash tails F N(-|d1|), K N(-|d2|), since F phi(d1) = K phi(d2). */
typedef struct { double density, tail1, cash1, cash2; } tails;

static inline tails both_tails(double f, double k, double d1, double d2) {
#ifdef LIBRARY
  double tail1 = 0.5 * erfc(0.7071067811865476 * fabs(d1)), tail2 = 0.5 * erfc(0.7071067811865476 * fabs(d2));
  return (tails){0.3989422804014327 * exponential(-0.5 * d1 * d1), tail1, f * tail1, k * tail2};
#else
  double x1 = least(fabs(d1), 37.5), x2 = least(fabs(d2), 37.5), xx1 = x1 * x1, xx2 = x2 * x2;
  double density = 0.3989422804014327 * exponential(-0.5 * xx1);
  double under1 = under(x1, xx1), under2 = under(x2, xx2);
  double scale = density / (under1 * under2), cash = f * scale;
  double part1 = over(x1, xx1) * under2, part2 = over(x2, xx2) * under1;
  return (tails){density, scale * part1, cash * part1, cash * part2};
#endif
}

/* What the out-of-the-money side is worth, without cancellation; then what it would pay now. */
static inline double dollars_of(double f, double k, double s, double d1, double d2, tails t) {
  double gap = t.cash1 - t.cash2, low = least(f, k) - t.cash1 - t.cash2, side = f <= k ? gap : -gap;
  double time_value = d1 * d2 < 0.0 ? low : most(side, 0.0);
  return most(s * (f - k), 0.0) + time_value;
}

/* s N(s d) times `whole`, of which `tail` is whole N(-|d|). */
static inline double signed_normal(double whole, double tail, double s, double d) {
  return whole * (0.5 * s + copysign(0.5, d)) - copysign(tail, d);
}

/* Price and six Greeks of any row the engine holds: linear and inverse options, perpetuals and futures, forwards not yet known. */
void greeks(int64_t n, COLUMN forward, COLUMN strike, COLUMN years, COLUMN vol, COLUMN sign, COLUMN inverse,
            double *restrict out) {
  double *restrict value = out, *restrict delta = out + n, *restrict gamma = out + 2 * n, *restrict vega = out + 3 * n;
  double *restrict theta = out + 4 * n, *restrict vanna = out + 5 * n, *restrict volga = out + 6 * n;
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) {
    double known = forward[i] > 0.0 ? 1.0 : 0.0, f = forward[i] > 0.0 ? forward[i] : 1.0;
    double v = vol[i], s = sign[i] * known, k = s != 0.0 ? strike[i] : f, root = sqrt(most(years[i], 0.0));
    double per_forward = known / f, unit = inverse[i] != 0.0 ? per_forward : 1.0;
    double deviation = s != 0.0 ? v * root : 0.0;
    double steepness = 1.0 / most(deviation, 1e-18), alive = deviation > 1e-10 ? 1.0 : 0.0;
    double d1 = logarithm(f / k) * steepness + 0.5 * deviation, d2 = d1 - deviation;
    tails t = both_tails(f, k, d1, d2);
    double dollars = dollars_of(f, k, s, d1, d2, t), line = inverse[i] != 0.0 ? -1.0 : f * known;
    dollars = s != 0.0 ? dollars : line;
    double n1 = signed_normal(1.0, t.tail1, s, d1), cash2 = signed_normal(k, t.cash2, s, d2);
    n1 = s != 0.0 ? n1 : known;
    cash2 = s != 0.0 ? cash2 : 1.0;
    double density = alive * t.density;
    double coin_delta = cash2 * per_forward * per_forward, curve = density * per_forward * steepness;
    double per_vol = root * steepness, cash_density = f * density * unit, up = cash_density * root;
    double coin_gamma = (curve - 2.0 * coin_delta) * per_forward, dx = inverse[i] != 0.0 ? d1 : d2;
    value[i] = dollars * unit;
    delta[i] = inverse[i] != 0.0 ? coin_delta : n1;
    gamma[i] = inverse[i] != 0.0 ? coin_gamma : curve;
    vega[i] = up;
    theta[i] = -0.5 * cash_density * v * (v * steepness);
    vanna[i] = -density * unit * dx * per_vol;
    volga[i] = up * d1 * d2 * per_vol;
  }
}

/* The same seven numbers for linear options that are alive, and nothing else: less work than the kernel above. */
void greeks_linear(int64_t n, COLUMN forward, COLUMN strike, COLUMN years, COLUMN vol, COLUMN sign, COLUMN inverse,
                   double *restrict out) {
  double *restrict value = out, *restrict delta = out + n, *restrict gamma = out + 2 * n, *restrict vega = out + 3 * n;
  double *restrict theta = out + 4 * n, *restrict vanna = out + 5 * n, *restrict volga = out + 6 * n;
  (void)inverse;
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) {
    double f = forward[i], k = strike[i], s = sign[i], v = vol[i], root = sqrt(years[i]);
    double deviation = v * root, steepness = 1.0 / deviation, per_vol = root * steepness;
    double d1 = logarithm(f / k) * steepness + 0.5 * deviation, d2 = d1 - deviation;
    tails t = both_tails(f, k, d1, d2);
    double up = f * t.density * root;
    value[i] = dollars_of(f, k, s, d1, d2, t);
    delta[i] = signed_normal(1.0, t.tail1, s, d1);
    gamma[i] = t.density * steepness / f;
    vega[i] = up;
    theta[i] = -0.5 * f * t.density * v * (v * steepness);
    vanna[i] = -t.density * d2 * per_vol;
    volga[i] = up * d1 * d2 * per_vol;
  }
}

/* What the book is worth in each cell: rows outside, cells inside, eight cells at a time; `width` cells, padded. */
void scenarios(int64_t n, COLUMN forward, COLUMN strike, COLUMN years, COLUMN vol, COLUMN sign, COLUMN weight,
               int64_t width, COLUMN factor, COLUMN shift, COLUMN lift, COLUMN floor_vol, double *restrict total) {
  for (int64_t i = 0; i < n; i++) {
    double f = forward[i], k = strike[i], s = sign[i], v = vol[i], w = weight[i];
    double moneyness = logarithm(f / k), root = sqrt(years[i]);
#pragma GCC ivdep
    for (int64_t c = 0; c < width; c++) {
      double deviation = most(v + lift[c], floor_vol[c]) * root, moved = f * factor[c];
      double d1 = (moneyness + shift[c]) / deviation + 0.5 * deviation, d2 = d1 - deviation;
      total[c] += w * dollars_of(moved, k, s, d1, d2, both_tails(moved, k, d1, d2));
    }
  }
}
