/* Which addresses are public. */
#include <netinet/in.h>
#include <string.h>

#include "in/url.h"

typedef struct block {
    uint8_t prefix[16];
    unsigned bits;
} block;

static bool is_in(const uint8_t *address, const block *b)
{
    unsigned whole = b->bits / 8, rest = b->bits % 8;
    if (memcmp(address, b->prefix, whole) != 0)
        return false;
    return rest == 0 || (address[whole] ^ b->prefix[whole]) >> (8 - rest) == 0;
}

/* IANA IPv4 Special-Purpose Address Registry, and multicast. */
static bool is_public4(const uint8_t address[4])
{
    static const block special[] = {
        {{0}, 8},             /* this network */
        {{10}, 8},            /* private */
        {{100, 64}, 10},      /* shared by carriers */
        {{127}, 8},           /* loopback */
        {{169, 254}, 16},     /* link-local, where clouds keep their secrets */
        {{172, 16}, 12},      /* private */
        {{192, 0, 0}, 24},    /* protocol assignments */
        {{192, 0, 2}, 24},    /* documentation */
        {{192, 88, 99}, 24},  /* 6to4 relays, deprecated */
        {{192, 168}, 16},     /* private */
        {{198, 18}, 15},      /* benchmarks */
        {{198, 51, 100}, 24}, /* documentation */
        {{203, 0, 113}, 24},  /* documentation */
        {{224}, 4},           /* multicast */
        {{240}, 4},           /* reserved, broadcast */
    };
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (is_in(address, &special[i]))
            return false;
    return true;
}

static bool is_public6(const uint8_t address[16])
{
    static const block mapped = {{[10] = 0xFF, [11] = 0xFF}, 96}, nat64 = {{0, 0x64, 0xFF, 0x9B}, 96};
    static const block unicast = {{0x20}, 3}; /* all that is assigned; the rest is local, multicast or reserved */
    static const block special[] = {
        {{0x20, 0x01}, 23},             /* protocol assignments, Teredo */
        {{0x20, 0x01, 0x0D, 0xB8}, 32}, /* documentation */
        {{0x20, 0x02}, 16},             /* 6to4, deprecated: contains any IPv4 address */
        {{0x3F, 0xFF}, 20},             /* documentation */
    };
    if (is_in(address, &mapped) || is_in(address, &nat64))
        return is_public4(address + 12);
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (is_in(address, &special[i]))
            return false;
    return is_in(address, &unicast);
}

bool ocrvl_address_is_public(const struct sockaddr *address, size_t len)
{
    if (address->sa_family == AF_INET && len >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return is_public4((const uint8_t *)&in.sin_addr);
    }
    if (address->sa_family == AF_INET6 && len >= sizeof(struct sockaddr_in6)) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof in);
        return is_public6(in.sin6_addr.s6_addr);
    }
    return false;
}
