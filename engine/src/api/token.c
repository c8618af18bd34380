#include "api/token.h"

#include <math.h>
#include <string.h>

static const float NEAR = 1; /* frames between spaces that count as the same */

token bitocr_token_end(const ctc_space *const readings[2]) {
    token t = {.first = readings[0]->steps + 1};
    for (int k = 0; k < 2; k++)
        t.of[k].first = readings[k]->count + 1;
    return t;
}

/* The space of a reading before this character that is nearest to a time; -1: none is near. */
static int find_space(const ctc_space *reading, int space, int before, float time) {
    int best = -1;
    float least = NEAR;
    for (int i = 0; i < before; i++) {
        const ctc_character *c = &reading->characters[i];
        float distance = fabsf(c->time - time);
        if (c->label == space && distance <= least) {
            least = distance;
            best = i;
        }
    }
    return best;
}

bool bitocr_token_before(const ctc_space *const readings[2], int space, token *t) {
    if (t->first <= 0)
        return false;
    t->last = t->first - 1;
    for (int k = 0; k < 2; k++)
        t->of[k].last = t->of[k].first - 1;
    for (int i = t->of[0].last - 1; i >= 0; i--) {
        const ctc_character *c = &readings[0]->characters[i];
        int other = c->label == space ? find_space(readings[1], space, t->of[1].last, c->time) : -1;
        if (other < 0)
            continue;
        t->of[0].first = i + 1;
        t->of[1].first = other + 1;
        t->first = (int)c->time + 1;
        return true;
    }
    t->first = t->of[0].first = t->of[1].first = 0;
    return true;
}

bool bitocr_token_differs(const ctc_space *const readings[2], const token *t) {
    int count = t->of[0].last - t->of[0].first;
    bool differs = count != t->of[1].last - t->of[1].first;
    for (int i = 0; i < count && !differs; i++)
        differs = readings[0]->characters[t->of[0].first + i].label !=
                  readings[1]->characters[t->of[1].first + i].label;
    return differs;
}

/* Digits, and the signs of paths and addresses, which hardly occur in words. */
static bool is_sign_of_code(uint32_t c) {
    return (c >= '0' && c <= '9') || c == '\\' || c == '/' || c == '@' || c == '_';
}

bool bitocr_token_is_code(const ctc_space *const readings[2], const uint32_t *charset,
                          const token *t) {
    bool has_sign[2] = {false, false};
    for (int k = 0; k < 2; k++)
        for (int i = t->of[k].first; i < t->of[k].last; i++) {
            uint32_t c = charset[readings[k]->characters[i].label - 1];
            if (c >= 0x80)
                return false;
            has_sign[k] |= is_sign_of_code(c);
        }
    return has_sign[0] && has_sign[1];
}

bool bitocr_is_mostly_code(const ctc_space *reading, const uint32_t *charset) {
    int in_codes = 0, in_words = 0, length = 0;
    bool has_sign = false;
    for (int i = 0; i <= reading->count; i++) {
        uint32_t c = i < reading->count ? charset[reading->characters[i].label - 1] : ' ';
        has_sign |= is_sign_of_code(c);
        length++;
        if (c != ' ')
            continue;
        *(has_sign ? &in_codes : &in_words) += length;
        length = 0;
        has_sign = false;
    }
    return in_codes > in_words;
}

bool bitocr_token_take(ctc_space *into, const ctc_space *from, const token *t) {
    int taken = t->of[1].last - t->of[1].first, more = taken - (t->of[0].last - t->of[0].first);
    ctc_character *at = into->characters + t->of[0].first;
    size_t behind = (size_t)(into->count - t->of[0].last);
    if (into->count + more > into->characters_room)
        return false;
    memmove(at + taken, into->characters + t->of[0].last, behind * sizeof *at);
    memcpy(at, from->characters + t->of[1].first, (size_t)taken * sizeof *at);
    into->count += more;
    return true;
}
