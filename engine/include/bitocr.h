/* bitocr: reads text in images with 1-bit neural networks. This header is the engine's whole API.
 *
 * For every file of the engine: sign(0) = +1. Bit 0 is +1 and bit 1 is -1, so the dot product of K
 * signs is K - 2 * popcount(a xor b). Binary convolutions are padded with +1.
 *
 * No function aborts or prints. Functions that can fail return a status and, if `error` is not
 * NULL, write one line of text there. There is no global state.
 *
 * Structures that you allocate begin with their size: bitocr_image image = {sizeof image, ...}.
 * A call refuses a structure of another size, so a program compiled with the header of another
 * version gets an error.
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
    size_t size;       /* sizeof(bitocr_error); less text is written if it is smaller */
    char message[256]; /* one line, UTF-8, without a line feed */
} bitocr_error;

/* The library's version: BITOCR_VERSION of the header it was compiled with. */
BITOCR_API const char *bitocr_version(void);

/* The size of a structure in the library, by name, such as "bitocr_image"; 0 if there is none. For
 * bindings that declare the structures in another language. */
BITOCR_API size_t bitocr_sizeof(const char *structure);

/* ---- images ---- */

#define BITOCR_HEIGHT 32      /* of bitocr_prepare's lines; a model has its own */
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
    int channels;     /* 1 gray, 3 RGB, 4 RGBA (shown on white, or on black if only that shows
                       * the content) */
} bitocr_image;

/* The width at which a line of this size is read at BITOCR_HEIGHT: that of its aspect, rounded to a
 * multiple of 4, plus 16. The 16 columns give a short word in narrow letters enough time steps: a
 * step is 4 columns, and two equal letters need a blank between them. The result may exceed
 * BITOCR_MAX_WIDTH, which bitocr_prepare refuses. 0 for sizes below 1. */
BITOCR_API int bitocr_natural_width(int width, int height);

/* Trims blank margins. `part` becomes a view of `image`: the area where gray changes, and four
 * tenths of its height around it. bitocr_recognize begins with this step, and networks are trained
 * on its result. Without ink, part->width and part->height are 0. */
BITOCR_API bitocr_status bitocr_trim(const bitocr_image *image, bitocr_image *part,
                                     bitocr_error *error);

/* The first step of bitocr_prepare: writes gray [height][width] to `out`. */
BITOCR_API bitocr_status bitocr_gray(const bitocr_image *image, uint8_t *out, bitocr_error *error);

/* Turns pixels into a network's input: gray, resize, normalise. Writes [BITOCR_HEIGHT][out_width]
 * to `out`; the network takes out / 32 as a real number. Every platform gives the same bytes. */
BITOCR_API bitocr_status bitocr_prepare(const bitocr_image *image, int out_width, int8_t *out,
                                        bitocr_error *error);

/* ---- cleaning pages ---- */

enum { BITOCR_OTSU = 1, BITOCR_SAUVOLA = 2 }; /* for bitocr_clean_options.binarize */

/* The steps, in this order. Each is 0 or 1, except the last. */
typedef struct {
    size_t size;      /* sizeof(bitocr_clean_options) */
    int normalize;    /* makes the paper white everywhere; pages with light text stay */
    int denoise;      /* removes lone pixels, and specks away from text */
    int deskew;       /* levels text that leans by up to 15 degrees, to 0.1 degree; the picture
                       * grows to hold all of it */
    int remove_rules; /* removes long thin lines, except where letters touch them */
    int binarize;     /* 0: gray. BITOCR_OTSU: one threshold. BITOCR_SAUVOLA: one for each
                       * pixel's neighbourhood */
} bitocr_clean_options;

/* Holds the picture of the latest call. Its memory is reused. */
typedef struct bitocr_cleaned bitocr_cleaned;

BITOCR_API bitocr_cleaned *bitocr_cleaned_create(void); /* NULL: out of memory */
BITOCR_API void bitocr_cleaned_free(bitocr_cleaned *cleaned);
/* The gray picture, valid until the next call; NULL if there is none. */
BITOCR_API const bitocr_image *bitocr_cleaned_image(const bitocr_cleaned *cleaned);
/* How many degrees the text was turned clockwise before it was levelled. */
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

/* How log-probabilities become text. Beam search takes the text with the highest
 * ln(probability) + word_bonus * (letters of its words in the lexicon, except each word's first)
 * + the n-gram model's share. Zeros are greedy: the best character of each step. */
typedef struct {
    size_t size;                   /* sizeof(bitocr_decoding) */
    int beam;                      /* texts kept from step to step, up to 256. 1: greedy. 0: 16 with
                                    * words or n-grams, otherwise greedy */
    const bitocr_lexicon *lexicon; /* NULL: none; otherwise the beam is not 1 */
    float word_bonus;              /* 0 to 100; BITOCR_WORD_BONUS is recommended */
    const bitocr_ngram *ngram;     /* NULL: none; otherwise the beam is not 1 */
    const bitocr_constraint *constraint; /* NULL: any text; otherwise a beam of 0 or 1 is 16 */
} bitocr_decoding;

/* A loaded model. Any number of threads can use one at the same time. Its own threads do not
 * survive fork(): load models after it. */
typedef struct bitocr_model bitocr_model;

/* Zeros are recommended. */
typedef struct {
    size_t size;        /* sizeof(bitocr_options) */
    const char *kernel; /* NULL: $BITOCR_KERNEL, or the best one */
    int threads;        /* for the images of one call, yours included; 0 means 1 */
    int beam;           /* as in bitocr_decoding; 1 uses no n-grams and words */
    float reread;       /* lines with less confidence are read again, up to four times, codes up to
                         * eleven, in other views, and the text that all together find most probable
                         * is taken. Up to 1; needs a calibrated model. 0: 0.8 if it is
                         * calibrated. BITOCR_NEVER: read once */
    /* The n-grams and words to read with, unless a call gives its own decoding. NULL or "auto":
     * those for the model's languages. "none". "english" or "chinese": those that bitocr comes
     * with. The path of a .ngram file, or "english.ngram": n-grams alone. */
    const char *language_model;
    const char *words; /* more words that you expect, as for bitocr_lexicon_create; NULL: none */
    size_t words_bytes;
    const char *models; /* the folder of the shipped models. NULL: $BITOCR_MODELS, or where CMake
                         * installed them */
} bitocr_options;

typedef struct {
    size_t size; /* sizeof(bitocr_info) */
    const char *kernel;
    int threads;
    int width_unit;                  /* widths of prepared inputs are multiples of it: 4 or 8 */
    int classes;                     /* class 0 is the CTC blank, class i is charset[i - 1] */
    const uint32_t *charset;         /* [classes - 1] Unicode characters */
    const char *languages;           /* that it reads: BCP 47 tags as in "zh,en"; "" if unknown */
    const char *language_model;      /* the name of the n-grams and words for these, or NULL */
    const char *ngram_file;          /* the n-grams that it reads with by default, or NULL */
    const char *words_file;          /* the word list, or NULL */
    const bitocr_decoding *decoding; /* by default */
    float reread;                    /* lines with less confidence are read again */
    const char *header;              /* the file's JSON header, not NUL-terminated */
    size_t header_bytes;
} bitocr_info;

/* Opens a model by the name of a shipped one ("english"), or by its path, with the n-grams and
 * words for its languages. `options` may be NULL. */
BITOCR_API bitocr_status bitocr_open(const char *name, const bitocr_options *options,
                                     bitocr_model **out, bitocr_error *error);

/* The first step of bitocr_open: finds a shipped file by its name, NAME + SUFFIX in the folder
 * `models` (as in the options), or else a file by its path, and writes the path. The suffix is
 * ".bit" or ".ngram". */
BITOCR_API bitocr_status bitocr_find_file(const char *name, const char *suffix, const char *models,
                                          char *path, size_t room, bitocr_error *error);

/* The second step: maps the file, which must not change while the model exists. */
BITOCR_API bitocr_status bitocr_load(const char *path, const bitocr_options *options,
                                     bitocr_model **out, bitocr_error *error);

/* Loads a model from its bytes, which are copied. */
BITOCR_API bitocr_status bitocr_load_memory(const void *data, size_t bytes,
                                            const bitocr_options *options, bitocr_model **out,
                                            bitocr_error *error);

BITOCR_API void bitocr_free(bitocr_model *model); /* not during a call; NULL is fine */

/* Describes the model and how it reads. The pointers are valid as long as the model. */
BITOCR_API bitocr_status bitocr_describe(const bitocr_model *model, bitocr_info *info,
                                         bitocr_error *error);

/* Writes the names of up to `room` kernels that this processor can run, best first. Returns how
 * many there are. */
BITOCR_API int bitocr_kernels(const char **names, int room);

/* ---- recognition ---- */

/* Words that you expect: UTF-8, separated by white space, ignoring ASCII case. For one model, or
 * those of the same charset; words with characters that the charset lacks are left out. */
BITOCR_API bitocr_status bitocr_lexicon_create(const bitocr_model *model, const char *words,
                                               size_t bytes, bitocr_lexicon **out,
                                               bitocr_error *error);
BITOCR_API void bitocr_lexicon_free(bitocr_lexicon *lexicon);

/* An n-gram model: a .ngram file (engine/src/decode/ngram.h), for one model, or those of the same
 * charset. Maps the file, which must not change while the n-gram model exists. */
BITOCR_API bitocr_status bitocr_ngram_load(const bitocr_model *model, const char *path,
                                           bitocr_ngram **out, bitocr_error *error);
/* Copies the bytes. */
BITOCR_API bitocr_status bitocr_ngram_load_memory(const bitocr_model *model, const void *data,
                                                  size_t bytes, bitocr_ngram **out,
                                                  bitocr_error *error);
BITOCR_API void bitocr_ngram_free(bitocr_ngram *ngram);

/* A constraint on texts, for one model or those of the same charset. `allow` lists the characters,
 * such as "0-9.,-"; `pattern` is the form, such as "DD/DD/DDDD"; `check` is "luhn", "iban", "mrz",
 * "ean" or "date". Each is UTF-8 or NULL, but not all are NULL; docs/constraints.md explains
 * patterns. The reading is the most probable text that meets the constraint, and its confidence the
 * probability among all such texts. If there is none, the text is empty and its confidence 0. */
BITOCR_API bitocr_status bitocr_constraint_create(const bitocr_model *model, const char *allow,
                                                  const char *pattern, const char *check,
                                                  bitocr_constraint **out, bitocr_error *error);
BITOCR_API void bitocr_constraint_free(bitocr_constraint *constraint);

typedef struct {
    uint32_t character; /* Unicode */
    float score;        /* the highest probability at its place, 0 to 1 */
    float x;            /* its middle, in pixels of your image; for turned text, after it is turned
                         * upright, and for several lines, after they are put side by side */
} bitocr_char;

typedef struct {
    const char *text; /* UTF-8, NUL-terminated */
    size_t text_bytes;
    const bitocr_char *chars;
    size_t char_count;
    /* For a calibrated model, the probability that the text is right, ignoring case and spaces.
     * Otherwise the geometric mean of the scores, or of the blank's if there is no text. */
    float confidence;
    int angle; /* how many degrees the text is turned clockwise: 90 reads from top to bottom */
} bitocr_line;

/* Holds the lines of the latest call. Its memory is reused. */
typedef struct bitocr_results bitocr_results;

BITOCR_API bitocr_results *bitocr_results_create(void); /* NULL: out of memory */
BITOCR_API void bitocr_results_free(bitocr_results *results);
BITOCR_API int bitocr_results_count(const bitocr_results *results);
/* Line i, from 0, valid until the next call; NULL if there is none. */
BITOCR_API const bitocr_line *bitocr_results_line(const bitocr_results *results, int i);

/* Reads each image as one line of text. If `decoding` is NULL, the model's own is used. On failure
 * the results are empty, and `error` describes the first image that failed. */
BITOCR_API bitocr_status bitocr_recognize(bitocr_model *model, const bitocr_image *images,
                                          int count, const bitocr_decoding *decoding,
                                          bitocr_results *results, bitocr_error *error);

/* The time steps of a prepared input of this width, which is a multiple of 4 and of the network's
 * stride from BITOCR_MIN_WIDTH to BITOCR_MAX_WIDTH; otherwise 0. This and the next two functions
 * are the parts of bitocr_recognize. */
BITOCR_API int bitocr_steps(const bitocr_model *model, int width);

/* Runs the network on an input [height][width] from bitocr_prepare. Writes natural logarithms
 * [bitocr_steps][classes] to `logprobs`. */
BITOCR_API bitocr_status bitocr_logprobs(bitocr_model *model, const int8_t *input, int width,
                                         float *logprobs, bitocr_error *error);

/* Decodes logprobs [steps][classes] of an image `image_width` pixels wide into one line. */
BITOCR_API bitocr_status bitocr_decode(bitocr_model *model, const float *logprobs, int steps,
                                       int image_width, const bitocr_decoding *decoding,
                                       bitocr_results *results, bitocr_error *error);

/* ---- pages ---- */

typedef struct {
    float x, y; /* in pixels; the first pixel reaches from 0 to 1 */
} bitocr_point;

/* A piece of text: its own top left corner, then top right, bottom right, bottom left. */
typedef struct {
    bitocr_point corners[4];
} bitocr_quad;

/* A character of a page. Its box is around its ink. */
typedef struct {
    uint32_t character; /* Unicode */
    float score;        /* the highest probability at its place, 0 to 1 */
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
    const char *text; /* the words with spaces between them; "" from bitocr_find */
    size_t text_bytes;
    float confidence; /* as in bitocr_line; from bitocr_find, the probability of text there */
    bitocr_quad quad;
    const bitocr_word *words;
    size_t word_count;
    /* Numbers from 0, in reading order. Lines of one row stand side by side, like cells of a
     * table. */
    int block, paragraph, row;
} bitocr_page_line;

/* Lines that belong together: a column's paragraphs, a table. */
typedef struct {
    bitocr_quad quad; /* around its lines, along the page's text */
    int first_line, line_count;
} bitocr_block;

/* Holds the page of the latest call. Its memory is reused. */
typedef struct bitocr_page bitocr_page;

typedef struct {
    size_t size; /* sizeof(bitocr_page_info) */
    int width;   /* of the image, in pixels */
    int height;
    float angle; /* how many degrees the text is turned clockwise, above -180 up to 180 */
    float scale; /* how much the image was enlarged to look for text */
    int line_count, block_count;
    const char *text; /* all lines. A tab separates lines of a row, a line feed rows, two line
                       * feeds paragraphs */
    size_t text_bytes;
} bitocr_page_info;

BITOCR_API bitocr_page *bitocr_page_create(void); /* NULL: out of memory */
BITOCR_API void bitocr_page_free(bitocr_page *page);
/* The page's size and text, valid until the next call. */
BITOCR_API bitocr_status bitocr_page_describe(const bitocr_page *page, bitocr_page_info *info,
                                              bitocr_error *error);
/* Line or block i, from 0, in reading order; NULL if there is none. */
BITOCR_API const bitocr_page_line *bitocr_page_get(const bitocr_page *page, int i);
BITOCR_API const bitocr_block *bitocr_page_get_block(const bitocr_page *page, int i);

/* A loaded network that finds text. Any number of threads can use one at the same time. */
typedef struct bitocr_detector bitocr_detector;

/* As bitocr_open, bitocr_load and bitocr_load_memory. Of the options it takes kernel, models, and
 * threads, which share the work on an image and on reading its lines. */
BITOCR_API bitocr_status bitocr_detector_open(const char *name, const bitocr_options *options,
                                              bitocr_detector **out, bitocr_error *error);
BITOCR_API bitocr_status bitocr_detector_load(const char *path, const bitocr_options *options,
                                              bitocr_detector **out, bitocr_error *error);
BITOCR_API bitocr_status bitocr_detector_load_memory(const void *data, size_t bytes,
                                                     const bitocr_options *options,
                                                     bitocr_detector **out, bitocr_error *error);
BITOCR_API void bitocr_detector_free(bitocr_detector *detector);

/* Zeros are recommended. */
typedef struct {
    size_t size;     /* sizeof(bitocr_page_options) */
    float scale;     /* how much to enlarge the image to look for text, 0.05 to 4; 0: so that most
                      * text becomes 20 pixels high */
    float min_score; /* lines whose characters have a lower mean score are left out, up to 1. 0:
                      * 0.6. BITOCR_NEVER: none is left out */
    int is_upright; /* 1: the text is turned by at most 45 degrees, so other angles are not tried */
} bitocr_page_options;

/* Finds the lines of text in an image, in reading order. `options` may be NULL. On failure the page
 * is empty. */
BITOCR_API bitocr_status bitocr_find(bitocr_detector *detector, const bitocr_image *image,
                                     const bitocr_page_options *options, bitocr_page *page,
                                     bitocr_error *error);

/* Finds lines and reads them with a model. If `decoding` is NULL, the model's own is used. */
BITOCR_API bitocr_status bitocr_read_page(bitocr_detector *detector, bitocr_model *model,
                                          const bitocr_image *image,
                                          const bitocr_page_options *options,
                                          const bitocr_decoding *decoding, bitocr_page *page,
                                          bitocr_error *error);

/* Reads the text in boxes that you know. Of the options it takes min_score and is_upright. The
 * page's scale is 1. */
BITOCR_API bitocr_status bitocr_read_boxes(bitocr_model *model, const bitocr_image *image,
                                           const bitocr_quad *boxes, int count,
                                           const bitocr_page_options *options,
                                           const bitocr_decoding *decoding, bitocr_page *page,
                                           bitocr_error *error);

#ifdef __cplusplus
}
#endif
#endif
