#include "decode/ctc.h"
#include "base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHECKED_BEAM = 64 };

/* A path: for each frame the index of the character that is written there, or -1 for the blank. */
typedef struct {
    int *index;  /* [steps] */
    int *labels; /* [count] the characters' classes */
    int count;
} ctc_path;

static const float *frame_at(const ctc_frames *frames, int t) {
    return frames->logprobs + (size_t)t * (size_t)frames->classes;
}

static void greedy_path(const ctc_frames *frames, ctc_path *path) {
    int before = 0;
    path->count = 0;
    for (int t = 0; t < frames->steps; t++) {
        int label = frames->kernel->largest(frame_at(frames, t), frames->classes);
        if (label && label != before)
            path->labels[path->count++] = label;
        path->index[t] = label ? path->count - 1 : -1;
        before = label;
    }
}

/* The best path of a labelling (Viterbi) through the states blank, label 0, blank, label 1, ...,
 * blank. moves [steps][states] keeps how many states each step advanced by: 0, 1, or 2 where a
 * blank may be left out. scores [2][states]. */
static void align(const ctc_frames *frames, ctc_path *path, uint8_t *moves, float *scores) {
    int states = 2 * path->count + 1;
    float *now = scores, *next = scores + states;
    for (int s = 0; s < states; s++)
        now[s] = s == 0 ? 0 : -INFINITY; /* before the first frame, which may write state 0 or 1 */
    for (int t = 0; t < frames->steps; t++) {
        const float *logprobs = frame_at(frames, t);
        uint8_t *move = moves + (size_t)t * (size_t)states;
        for (int s = 0; s < states; s++) {
            int label = s % 2 ? path->labels[s / 2] : 0;
            int skips = s % 2 && s > 1 && label != path->labels[s / 2 - 1];
            float best = now[s];
            move[s] = 0;
            for (int m = 1; m <= 1 + skips && m <= s; m++)
                if (now[s - m] > best) {
                    best = now[s - m];
                    move[s] = (uint8_t)m;
                }
            next[s] = best + logprobs[label];
        }
        float *old = now;
        now = next;
        next = old;
    }
    int s = states > 1 && now[states - 2] > now[states - 1] ? states - 2 : states - 1;
    for (int t = frames->steps - 1; t >= 0; t--) {
        path->index[t] = s % 2 ? s / 2 : -1;
        s -= moves[(size_t)t * (size_t)states + (size_t)s];
    }
}

/* Scores, times and confidence of the path's characters. */
static void measure(const ctc_frames *frames, const ctc_path *path, ctc_space *space) {
    double blanks = 0, scores = 0;
    for (int i = 0; i < path->count; i++)
        space->characters[i] = (ctc_character){path->labels[i], 0, 0};
    for (int t = 0; t < frames->steps;) {
        int index = path->index[t];
        double weight = 0, moment = 0, highest = 0;
        for (; t < frames->steps && path->index[t] == index; t++) {
            float logprob = frame_at(frames, t)[index < 0 ? 0 : path->labels[index]];
            double p = exp(logprob);
            blanks += index < 0 ? logprob : 0;
            weight += p;
            moment += p * (t + 0.5);
            highest = p > highest ? p : highest;
        }
        if (index >= 0 && weight > 0) {
            space->characters[index].score = (float)highest;
            space->characters[index].time = (float)(moment / weight);
        }
    }
    for (int i = 0; i < path->count; i++)
        scores += log(space->characters[i].score);
    int n = path->count ? path->count : frames->steps;
    space->count = path->count;
    space->confidence = n ? (float)exp((path->count ? scores : blanks) / n) : 0;
}

/* Makes room for `steps` characters, for the beam's beliefs and for `bytes` of working memory. */
static int reserve(ctc_space *space, int steps, int beam, size_t bytes) {
    if (steps > space->characters_room) {
        free(space->characters);
        space->characters = malloc((size_t)steps * sizeof *space->characters);
        space->characters_room = space->characters ? steps : 0;
    }
    if (beam > space->beliefs_room) {
        free(space->beliefs);
        space->beliefs = malloc((size_t)beam * sizeof *space->beliefs);
        space->beliefs_room = space->beliefs ? beam : 0;
    }
    if (bytes > space->bytes) {
        free(space->memory);
        space->memory = malloc(bytes);
        space->bytes = space->memory ? bytes : 0;
    }
    return steps <= space->characters_room && beam <= space->beliefs_room && bytes <= space->bytes;
}

/* Beam search and alignment. Without a constraint they find no text if the given path has none. The
 * space's memory holds the path's two arrays first. */
static int beam_path(const ctc_frames *frames, const ctc_options *options, ctc_space *space,
                     ctc_path *path) {
    size_t head = 2 * (size_t)frames->steps * sizeof(int);
    char *rest = (char *)space->memory + head;
    int is_blank = !options->constraint && !path->count;
    path->count = bitocr_beam_search(frames, options, rest, path->labels, space->beliefs,
                                     &space->belief_count);
    space->is_impossible = path->count < 0;
    if (space->is_impossible || is_blank)
        path->count = 0;
    for (int i = 0, j = path->count - 1; i < j; i++, j--) {
        int label = path->labels[i];
        path->labels[i] = path->labels[j];
        path->labels[j] = label;
    }
    size_t states = 2 * (size_t)path->count + 1, scores = 2 * states * sizeof(float);
    size_t bytes = head + scores + (size_t)frames->steps * states;
    if (bytes > space->bytes) { /* keep the labels */
        char *memory = realloc(space->memory, bytes);
        if (!memory)
            return 0;
        space->memory = memory;
        space->bytes = bytes;
        rest = memory + head;
        path->index = space->memory;
        path->labels = path->index + frames->steps;
    }
    align(frames, path, (uint8_t *)rest + scores, (float *)rest);
    return 1;
}

static bitocr_status check(const ctc_frames *frames, const ctc_options *options,
                           bitocr_error *error) {
    const prior *prior = &options->prior;
    if (!(prior->word_bonus >= 0 && prior->word_bonus <= 100))
        return bitocr_fail(error, BITOCR_ERROR_USAGE,
                           "the bonus of a word must be from 0 to 100 for each letter");
    if (options->beam < 0 || options->beam > CTC_MAX_BEAM)
        return bitocr_fail(error, BITOCR_ERROR_USAGE, "the beam is %d; it must be from 0 to %d",
                           options->beam, CTC_MAX_BEAM);
    if (prior->lexicon &&
        (options->beam < 2 || bitocr_lexicon_classes(prior->lexicon) != frames->classes))
        return bitocr_fail(
            error, BITOCR_ERROR_USAGE,
            "a list of words takes a beam of 2 or more and the model it was made for");
    if (prior->ngram &&
        (options->beam < 2 || bitocr_ngram_classes(prior->ngram) != frames->classes))
        return bitocr_fail(
            error, BITOCR_ERROR_USAGE,
            "an n-gram model takes a beam of 2 or more and the model it was opened for");
    if (options->constraint &&
        (options->beam < 2 || bitocr_constraint_classes(options->constraint) != frames->classes))
        return bitocr_fail(error, BITOCR_ERROR_USAGE,
                           "a constraint takes a beam of 2 or more and the model it was made for");
    return BITOCR_OK;
}

/* Decodes with this beam; 0: greedily. */
static int decode(const ctc_frames *frames, const ctc_options *options, ctc_space *space) {
    int beam = options->beam;
    size_t bytes =
        2 * (size_t)frames->steps * sizeof(int) + (beam ? bitocr_beam_bytes(frames, options) : 0);
    if (!reserve(space, frames->steps, beam, bytes))
        return 0;
    ctc_path path = {space->memory, (int *)space->memory + frames->steps, 0};
    if (!options->constraint) /* under which the best path says nothing */
        greedy_path(frames, &path);
    if (beam && !beam_path(frames, options, space, &path))
        return 0;
    measure(frames, &path, space);
    return 1;
}

bool bitocr_ctc_is_same(const ctc_space *a, const ctc_space *b) {
    bool same = a->count == b->count;
    for (int i = 0; same && i < a->count; i++)
        same = a->characters[i].label == b->characters[i].label;
    return same;
}

double bitocr_ctc_believed(const ctc_space *space, uint64_t text) {
    double sum = 0;
    for (int i = 0; i < space->belief_count; i++)
        if (space->beliefs[i].text == text)
            sum += space->beliefs[i].probability;
    return fmin(sum, 1);
}

/* The probability of what was decoded among all texts that meet the constraint. */
static float confidence_among(const ctc_options *options, const ctc_space *space) {
    uint64_t text = TEXT_EMPTY;
    for (int i = 0; i < space->count; i++)
        text = text_add(text, options->twins, space->characters[i].label);
    return space->is_impossible ? 0 : (float)bitocr_ctc_believed(space, text);
}

/* Searches a text that must pass a check: with a wider beam, since most texts fail. */
static int beam_for(const ctc_options *options) {
    int beam = options->beam > 1 ? options->beam : 0, is_checked = 0;
    if (options->constraint)
        is_checked = bitocr_constraint_chance(options->constraint) < 1;
    return is_checked && beam < CHECKED_BEAM ? CHECKED_BEAM : beam;
}

bitocr_status bitocr_ctc_decode(const ctc_frames *frames, const ctc_options *options,
                                ctc_space *space, bitocr_error *error) {
    bitocr_status status = check(frames, options, error);
    if (status != BITOCR_OK)
        return status;
    ctc_options chosen = *options;
    chosen.beam = beam_for(options);
    space->steps = frames->steps;
    space->belief_count = space->is_impossible = 0;
    space->has_prior = options->prior.lexicon || options->prior.ngram || options->constraint;
    int is_done = decode(frames, &chosen, space);
    if (is_done && space->is_impossible && chosen.beam < CTC_MAX_BEAM) {
        chosen.beam = CTC_MAX_BEAM; /* may find what the narrower one has dropped */
        is_done = decode(frames, &chosen, space);
    }
    if (!is_done)
        return bitocr_fail(error, BITOCR_ERROR_MEMORY, "out of memory for decoding");
    if (options->constraint)
        space->confidence = confidence_among(options, space);
    return BITOCR_OK;
}

void bitocr_ctc_free(ctc_space *space) {
    free(space->characters);
    free(space->beliefs);
    free(space->memory);
    *space = (ctc_space){0};
}
