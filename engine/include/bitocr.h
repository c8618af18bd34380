/* bitocr: reads text in images with 1-bit neural networks. This header is the engine's whole API.
 *
 * Said once, for every file of the engine: sign(0) = +1; bit 0 is +1 and bit 1 is -1, so that the
 * dot product of K signs is K - 2 * popcount(a xor b); binary convolutions are padded with +1.
 *
 * No function aborts or prints. Those that can fail return a status and, where `error` is not NULL,
 * write one line of text there. Nothing is global: every handle stands alone.
 *
 * Structures that a caller allocates begin with their size: bitocr_image image = {sizeof image,
 * ...}. A call refuses those of another size, which a program has that was compiled with the header
 * of another version.
 */
#ifndef BITOCR_H
#define BITOCR_H

#include <stddef.h>
#include <stdint.h>

#define BITOCR_VERSION "0.6.0"

#if defined(_WIN32) && defined(BITOCR_BUILD)
#define BITOCR_API __declspec(dllexport)
#elif defined(__GNUC__)
#define BITOCR_API __attribute__((visibility("default")))
#else
#define BITOCR_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    BITOCR_OK = 0,
    BITOCR_ERROR_USAGE = 1,  /* a wrong argument, an unknown kernel */
    BITOCR_ERROR_IMAGE = 2,  /* an image that cannot be read as a line */
    BITOCR_ERROR_MODEL = 3,  /* a model file that is missing, damaged or too new */
    BITOCR_ERROR_MEMORY = 4, /* out of memory */
} bitocr_status;

typedef struct {
    size_t size;       /* sizeof(bitocr_error); where it is less, so is what is written */
    char message[256]; /* one line, UTF-8, without a line feed */
} bitocr_error;

/* The library's version: BITOCR_VERSION of the header that it was compiled with. */
BITOCR_API const char *bitocr_version(void);

/* sizeof the structure of this name, such as "bitocr_image", in the library; 0: it has none. For
 * bindings, which declare the structures anew in another language. */
BITOCR_API size_t bitocr_sizeof(const char *structure);

/* ---- images ---- */

#define BITOCR_HEIGHT 32      /* of bitocr_prepare's lines; models say their own */
#define BITOCR_MIN_WIDTH 16   /* of the network's input; widths are multiples of 4 */
#define BITOCR_MAX_WIDTH 8192 /* 256 times the height */
#define BITOCR_MAX_SIDE 65535 /* of a source image */

/* Pixels of 8 bits a channel, rows from top to bottom, `stride` bytes from row to row. */
typedef struct {
    size_t size; /* sizeof(bitocr_image) */
    const uint8_t *pixels;
    int width;
    int height;
    ptrdiff_t stride; /* at least width * channels */
    int channels;     /* 1 gray, 3 RGB, 4 RGBA (shown on white, or on black where only that
                       * shows what is there) */
} bitocr_image;

/* The width at which a line of this size is read at BITOCR_HEIGHT: that of its aspect, rounded to a
 * multiple of 4, plus 16. The addition hardly changes a line, but gives a short word in narrow
 * letters the time steps that it needs: a step is 4 columns, and two equal letters need a blank
 * between them. It may exceed BITOCR_MAX_WIDTH, which bitocr_prepare refuses. 0: sizes < 1. */
BITOCR_API int bitocr_natural_width(int width, int height);

/* `part` gets the same pixels without blank margins, a view of `image`: where gray changes, and
 * four tenths of its height around that. bitocr_recognize begins with it, and networks are trained
 * on what it leaves. Where nothing changes, part->width and part->height are 0: no ink. */
BITOCR_API bitocr_status bitocr_trim(const bitocr_image *image, bitocr_image *part,
                                     bitocr_error *error);

/* The first step of bitocr_prepare alone: `out` gets [height][width] of gray. */
BITOCR_API bitocr_status bitocr_gray(const bitocr_image *image, uint8_t *out, bitocr_error *error);

/* What turns pixels into a network's input: gray, resize, normalise. `out` gets [BITOCR_HEIGHT]
 * [out_width]; the network takes out / 32 as a real number. Every platform gives the same bytes. */
BITOCR_API bitocr_status bitocr_prepare(const bitocr_image *image, int out_width, int8_t *out,
                                        bitocr_error *error);

/* ---- cleaning pages ---- */

enum { BITOCR_OTSU = 1, BITOCR_SAUVOLA = 2 }; /* for bitocr_clean_options.binarize */

/* What is done to a picture, in this order; each is 0 or 1, but the last. */
typedef struct {
    size_t size;      /* sizeof(bitocr_clean_options) */
    int normalize;    /* the paper becomes white everywhere; pages with light text stay */
    int denoise;      /* lone pixels that differ from all around them, and specks away from text */
    int deskew;       /* lines that fall or rise by up to 15 degrees become level, to 0.1 degree;
                       * the picture grows, so that all of it is kept */
    int remove_rules; /* long thin lines along the picture's sides, but where letters touch them */
    int binarize;     /* 0: leaves it gray. BITOCR_OTSU: one threshold for all. BITOCR_SAUVOLA: one
                       * for the neighbourhood of each pixel */
} bitocr_clean_options;

/* Holds the picture of the latest call that it was given to. Its memory is kept. */
typedef struct bitocr_cleaned bitocr_cleaned;

BITOCR_API bitocr_cleaned *bitocr_cleaned_create(void); /* NULL: out of memory */
BITOCR_API void bitocr_cleaned_free(bitocr_cleaned *cleaned);
/* The gray picture; valid until it is used again. NULL where there is none. */
BITOCR_API const bitocr_image *bitocr_cleaned_image(const bitocr_cleaned *cleaned);
/* By how many degrees the text was turned clockwise, and the picture was turned back. */
BITOCR_API float bitocr_cleaned_angle(const bitocr_cleaned *cleaned);

/* Cleans a picture of a page. Every platform gives the same bytes. */
BITOCR_API bitocr_status bitocr_clean(const bitocr_image *image,
                                      const bitocr_clean_options *options, bitocr_cleaned *cleaned,
                                      bitocr_error *error);

/* ---- models ---- */

#define BITOCR_NEVER (-1)      /* for bitocr_options.reread */
#define BITOCR_WORD_BONUS 0.5F /* recommended for bitocr_decoding.word_bonus */

typedef struct bitocr_lexicon bitocr_lexicon;
typedef struct bitocr_ngram bitocr_ngram;
typedef struct bitocr_constraint bitocr_constraint;

/* How log-probabilities become text. Beam search takes the text of the highest
 * ln(probability) + word_bonus * (letters of its words that are in the lexicon, without each word's
 * first) + what the n-gram model adds. Zeros are greedy: the best character of each step. */
typedef struct {
    size_t size;                   /* sizeof(bitocr_decoding) */
    int beam;                      /* texts kept from step to step, up to 256; 1: greedy; 0: 16 with
                                    * words or n-grams, greedy without */
    const bitocr_lexicon *lexicon; /* NULL: none; otherwise the beam is not 1 */
    float word_bonus;              /* 0 to 100; BITOCR_WORD_BONUS is recommended */
    const bitocr_ngram *ngram;     /* NULL: none; otherwise the beam is not 1 */
    const bitocr_constraint *constraint; /* NULL: any text; otherwise a beam of 0 or 1 is 16 */
} bitocr_decoding;

/* A loaded model. Any number of threads may use one at the same time. Its own threads do not
 * survive fork(): load after it. */
typedef struct bitocr_model bitocr_model;

/* Zeros are what is recommended. */
typedef struct {
    size_t size;        /* sizeof(bitocr_options) */
    const char *kernel; /* NULL: what the environment's BITOCR_KERNEL names, or else the best */
    int threads;        /* over the images of one call, the caller's own included; 0 means 1 */
    int beam;           /* as in bitocr_decoding; 1 goes without n-grams and words */
    float reread;       /* bitocr_recognize reads lines of less confidence again, narrower and then
                         * wider and inverted, and takes what all readings together find the most
                         * probable. Up to 1, which takes a calibrated model; 0: 0.8 where it is
                         * calibrated; BITOCR_NEVER */
    /* Which n-grams and words to read with, unless a call says another decoding. NULL or "auto":
     * those for the model's languages, where they are there. "none". The name of n-grams and words
     * that bitocr comes with, "english" or "chinese". The path of a .ngram file, or
     * "english.ngram": n-grams alone. */
    const char *language_model;
    const char *words; /* further words to expect, as for bitocr_lexicon_create; NULL: none */
    size_t words_bytes;
    const char *models; /* the folder of what bitocr comes with. NULL: what the environment's
                         * BITOCR_MODELS names, or else where CMake installed it */
} bitocr_options;

typedef struct {
    size_t size; /* sizeof(bitocr_info) */
    const char *kernel;
    int threads;
    int width_unit;          /* widths of prepared inputs are multiples of it: 4 or 8 */
    int classes;             /* class 0 is the CTC blank, class i is charset[i - 1] */
    const uint32_t *charset; /* [classes - 1] Unicode characters */
    const char *languages;   /* that it reads: BCP 47 tags as in "zh,en"; "": it does not say */
    const char
        *language_model;    /* the name of the n-grams and words for these; NULL: there is none */
    const char *ngram_file; /* what it reads with by default; NULL: no n-grams */
    const char *words_file; /* NULL: no words but the caller's own */
    const bitocr_decoding *decoding; /* by default */
    float reread;                    /* lines of less confidence are read again */
    const char *header;              /* the file's JSON header, not NUL-terminated */
    size_t header_bytes;
} bitocr_info;

/* Opens a model by the name of one that bitocr comes with ("english"), or by its path, with the
 * n-grams and words that its header's languages ask for. `options` may be NULL. */
BITOCR_API bitocr_status bitocr_open(const char *name, const bitocr_options *options,
                                     bitocr_model **out, bitocr_error *error);

/* The two steps of bitocr_open. The first finds a shipped file by its name, NAME + SUFFIX in the
 * folder `models` (as in the options), or else the file of this path, and writes its path; the
 * suffix is ".bit" or ".ngram". */
BITOCR_API bitocr_status bitocr_find_file(const char *name, const char *suffix, const char *models,
                                          char *path, size_t room, bitocr_error *error);

/* Maps the file; it must not change while the model lives. */
BITOCR_API bitocr_status bitocr_load(const char *path, const bitocr_options *options,
                                     bitocr_model **out, bitocr_error *error);

/* The same with a model's bytes, which are copied. */
BITOCR_API bitocr_status bitocr_load_memory(const void *data, size_t bytes,
                                            const bitocr_options *options, bitocr_model **out,
                                            bitocr_error *error);

BITOCR_API void bitocr_free(bitocr_model *model); /* not while a call runs; NULL is fine */

/* What the model is and how it reads; the pointers live as long as it does. */
BITOCR_API bitocr_status bitocr_describe(const bitocr_model *model, bitocr_info *info,
                                         bitocr_error *error);

/* Names of the kernels that this processor can run, best first, into `names` of room for `room`.
 * Returns how many there are. */
BITOCR_API int bitocr_kernels(const char **names, int room);

/* ---- recognition ---- */

/* Words to expect: UTF-8, parted by white space. For one model, or those of the same charset. Case
 * does not matter in ASCII; words with characters that the charset lacks are left out. */
BITOCR_API bitocr_status bitocr_lexicon_create(const bitocr_model *model, const char *words,
                                               size_t bytes, bitocr_lexicon **out,
                                               bitocr_error *error);
BITOCR_API void bitocr_lexicon_free(bitocr_lexicon *lexicon);

/* How probable texts are by their last few characters: a file *.ngram (engine/src/decode/ngram.h).
 * For one model, or those of the same charset. Maps the file; it must not change while the n-gram
 * model lives. */
BITOCR_API bitocr_status bitocr_ngram_load(const bitocr_model *model, const char *path,
                                           bitocr_ngram **out, bitocr_error *error);
/* Copies the bytes. */
BITOCR_API bitocr_status bitocr_ngram_load_memory(const bitocr_model *model, const void *data,
                                                  size_t bytes, bitocr_ngram **out,
                                                  bitocr_error *error);
BITOCR_API void bitocr_ngram_free(bitocr_ngram *ngram);

/* What a text may be. For one model, or those of the same charset; each of the three may be NULL,
 * but not all. UTF-8, NUL-terminated; docs/constraints.md has the language. allow: the characters
 * that it is made of, as "0-9.,-" pattern: its form, as "DD/DD/DDDD" check: what its digits must
 * satisfy: "luhn", "iban", "mrz", "ean" or "date" The texts that are read meet it, and are the most
 * probable of those that do; where none can be found, the text is empty and its confidence 0. The
 * confidence is the probability of the text among all that meet the constraint. */
BITOCR_API bitocr_status bitocr_constraint_create(const bitocr_model *model, const char *allow,
                                                  const char *pattern, const char *check,
                                                  bitocr_constraint **out, bitocr_error *error);
BITOCR_API void bitocr_constraint_free(bitocr_constraint *constraint);

typedef struct {
    uint32_t character; /* Unicode */
    float score;        /* the highest probability that it has where it stands, 0 to 1 */
    float x;            /* its middle, in pixels of the source image: turned upright, if it had to
                         * be, and a column or several lines put side by side */
} bitocr_char;

typedef struct {
    const char *text; /* UTF-8, NUL-terminated */
    size_t text_bytes;
    const bitocr_char *chars;
    size_t char_count;
    /* Of a calibrated model: how probable it is, 0 to 1, that the text is right, whichever the case
     * of its letters and wherever its spaces. Otherwise the geometric mean of the scores; of the
     * blank's where there is no text. */
    float confidence;
    int angle; /* in degrees, clockwise, by which the text is turned: 90 reads from top to bottom */
} bitocr_line;

/* Holds the lines of the latest call that it was given to. Its memory is kept from call to call. */
typedef struct bitocr_results bitocr_results;

BITOCR_API bitocr_results *bitocr_results_create(void); /* NULL: out of memory */
BITOCR_API void bitocr_results_free(bitocr_results *results);
BITOCR_API int bitocr_results_count(const bitocr_results *results);
/* Line i, from 0; valid until the results are used again. NULL where there is none. */
BITOCR_API const bitocr_line *bitocr_results_line(const bitocr_results *results, int i);

/* Reads each image as one line of text. `decoding` NULL is the model's own. On failure `error`
 * tells of the first image that failed and the results are empty. */
BITOCR_API bitocr_status bitocr_recognize(bitocr_model *model, const bitocr_image *images,
                                          int count, const bitocr_decoding *decoding,
                                          bitocr_results *results, bitocr_error *error);

/* The parts of bitocr_recognize, one by one. Time steps of a prepared input of this width: a
 * multiple of 4 and of the network's stride, from BITOCR_MIN_WIDTH to BITOCR_MAX_WIDTH; otherwise
 * 0. */
BITOCR_API int bitocr_steps(const bitocr_model *model, int width);

/* input [height][width], as of bitocr_prepare, with the height of the model -> logprobs
 * [bitocr_steps][classes], natural logarithms. */
BITOCR_API bitocr_status bitocr_logprobs(bitocr_model *model, const int8_t *input, int width,
                                         float *logprobs, bitocr_error *error);

/* logprobs [steps][classes] of an image `image_width` pixels wide -> one line. */
BITOCR_API bitocr_status bitocr_decode(bitocr_model *model, const float *logprobs, int steps,
                                       int image_width, const bitocr_decoding *decoding,
                                       bitocr_results *results, bitocr_error *error);

/* ---- pages ---- */

typedef struct {
    float x, y; /* in pixels of the image, the first of which reaches from 0 to 1 */
} bitocr_point;

/* A piece of text: its top left corner, as it is read, then top right, bottom right, bottom left.
 */
typedef struct {
    bitocr_point corners[4];
} bitocr_quad;

/* A character of a page. Its box is around its ink. */
typedef struct {
    uint32_t character; /* Unicode */
    float score;        /* the highest probability that it has where it stands, 0 to 1 */
    bitocr_quad quad;
} bitocr_page_char;

typedef struct {
    const char *text; /* UTF-8, NUL-terminated, without spaces */
    size_t text_bytes;
    float confidence; /* the mean of its characters' scores */
    bitocr_quad quad;
    const bitocr_page_char *chars;
    size_t char_count;
} bitocr_word;

typedef struct {
    const char *text; /* of the words, with a space between them; "" where boxes alone were found */
    size_t text_bytes;
    float confidence; /* as in bitocr_line; of a box alone how probable it is that text is there */
    bitocr_quad quad;
    const bitocr_word *words;
    size_t word_count;
    /* Numbers from 0, in reading order. Lines of one row stand beside each other, as cells of a
     * table do. */
    int block, paragraph, row;
} bitocr_page_line;

/* Lines that belong together: a column's paragraphs, a table. */
typedef struct {
    bitocr_quad quad; /* around its lines, along the page's text */
    int first_line, line_count;
} bitocr_block;

/* What bitocr_find and bitocr_read_page found in an image. Its memory is kept from call to call. */
typedef struct bitocr_page bitocr_page;

typedef struct {
    size_t size; /* sizeof(bitocr_page_info) */
    int width;   /* of the image, in pixels */
    int height;
    float angle; /* by how many degrees the text is turned clockwise, above -180 up to 180 */
    float
        scale; /* by which the image was enlarged to look for text: what was small in it is lost */
    int line_count, block_count;
    const char *text; /* of all lines: those of a row with a tab between them, rows with a line
                       * feed, paragraphs with two */
    size_t text_bytes;
} bitocr_page_info;

BITOCR_API bitocr_page *bitocr_page_create(void); /* NULL: out of memory */
BITOCR_API void bitocr_page_free(bitocr_page *page);
/* Valid, with the lines, until the page is used again. */
BITOCR_API bitocr_status bitocr_page_describe(const bitocr_page *page, bitocr_page_info *info,
                                              bitocr_error *error);
/* Line or block i, from 0, in reading order. NULL where there is none. */
BITOCR_API const bitocr_page_line *bitocr_page_get(const bitocr_page *page, int i);
BITOCR_API const bitocr_block *bitocr_page_get_block(const bitocr_page *page, int i);

/* A loaded network that finds text. Any number of threads may use one at the same time. */
typedef struct bitocr_detector bitocr_detector;

/* As bitocr_open, bitocr_load and bitocr_load_memory. Of the options it takes kernel, models, and
 * threads: these share the work on an image, reading its lines included. */
BITOCR_API bitocr_status bitocr_detector_open(const char *name, const bitocr_options *options,
                                              bitocr_detector **out, bitocr_error *error);
BITOCR_API bitocr_status bitocr_detector_load(const char *path, const bitocr_options *options,
                                              bitocr_detector **out, bitocr_error *error);
BITOCR_API bitocr_status bitocr_detector_load_memory(const void *data, size_t bytes,
                                                     const bitocr_options *options,
                                                     bitocr_detector **out, bitocr_error *error);
BITOCR_API void bitocr_detector_free(bitocr_detector *detector);

/* Zeros are what is recommended. */
typedef struct {
    size_t size;     /* sizeof(bitocr_page_options) */
    float scale;     /* by which the image is enlarged to look for text, 0.05 to 4; 0: so that most
                      * text becomes 20 pixels high */
    float min_score; /* lines whose characters' scores have a smaller mean are left out, up to 1; 0:
                      * 0.6; BITOCR_NEVER: none are */
    int is_upright;  /* 1: text is not turned by more than 45 degrees, so that nobody need look */
} bitocr_page_options;

/* Finds the lines of text in an image of any size, in reading order. `options` may be NULL. On
 * failure the page is empty. */
BITOCR_API bitocr_status bitocr_find(bitocr_detector *detector, const bitocr_image *image,
                                     const bitocr_page_options *options, bitocr_page *page,
                                     bitocr_error *error);

/* Finds lines and reads them with a model; `decoding` NULL is the model's own. */
BITOCR_API bitocr_status bitocr_read_page(bitocr_detector *detector, bitocr_model *model,
                                          const bitocr_image *image,
                                          const bitocr_page_options *options,
                                          const bitocr_decoding *decoding, bitocr_page *page,
                                          bitocr_error *error);

/* Reads the text in boxes that the caller knows, 0 or more of them; of the options it takes
 * min_score and is_upright. The page's scale is 1. */
BITOCR_API bitocr_status bitocr_read_boxes(bitocr_model *model, const bitocr_image *image,
                                           const bitocr_quad *boxes, int count,
                                           const bitocr_page_options *options,
                                           const bitocr_decoding *decoding, bitocr_page *page,
                                           bitocr_error *error);

#ifdef __cplusplus
}
#endif
#endif
