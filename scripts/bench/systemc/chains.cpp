// Chains of timed events on SystemC's method kernel: what scripts/bench/chains.mjs runs on Doorbell's event queue.
// Arguments: chains, last time in ns. Prints: events, checksum, CPU seconds of the simulation alone.
#include <systemc.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

static uint64_t last;
static uint64_t events = 0;

// One method that is always waiting for its next time: the cheapest process that SystemC has.
SC_MODULE(Chain) {
  uint32_t x;
  uint64_t at = 0;
  SC_HAS_PROCESS(Chain);
  Chain(sc_module_name name, uint32_t seed) : sc_module(name), x(seed) { SC_METHOD(step); }
  void step() {
    events++;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    const uint64_t delay = 1 + x % 1000;
    at += delay;
    if (at <= last) next_trigger(sc_time::from_value(delay));
    else next_trigger(never);
  }
  sc_event never;
};

int sc_main(int argc, char** argv) {
  if (argc < 3) return 2;
  sc_set_time_resolution(1, SC_NS);
  const uint32_t chains = std::strtoul(argv[1], nullptr, 10);
  last = std::strtoull(argv[2], nullptr, 10);
  std::vector<Chain*> all;
  for (uint32_t i = 0; i < chains; i++) all.push_back(new Chain(sc_gen_unique_name("chain"), (i + 1) * 2654435761u));
  const std::clock_t start = std::clock();
  sc_start();
  const double seconds = double(std::clock() - start) / CLOCKS_PER_SEC;
  uint32_t sum = 0;
  for (const Chain* c : all) sum += c->x;
  std::printf("%llu %u %.6f\n", (unsigned long long)events, sum, seconds);
  return 0;
}
