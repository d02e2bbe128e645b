/* Numbers that are the same everywhere, for tests of random sequences: set `seed`, then draw. */
#ifndef FERROSSL_RANDOM_H
#define FERROSSL_RANDOM_H

static unsigned seed;

static inline unsigned random_below(unsigned n)
{
    seed = seed * 1103515245 + 12345;
    return (seed >> 16) % n;
}

#endif
