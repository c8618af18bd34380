/* A plugin for qemu-user that counts the instructions a program executes, by function. At the end
 * it prints to standard error a line "instructions COUNT FUNCTION" for each. The functions that it
 * takes from qemu are declared here, since Debian's package has no header for them; any qemu
 * from 4.2 on has them. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct qemu_plugin_tb block;
typedef uint64_t plugin_id;

size_t qemu_plugin_tb_n_insns(const block *b);
void *qemu_plugin_tb_get_insn(const block *b, size_t i);
const char *qemu_plugin_insn_symbol(const void *instruction);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, void (*callback)(plugin_id id, block *b));
void qemu_plugin_register_vcpu_tb_exec_inline(block *b, int operation, void *counter,
                                              uint64_t value);
void qemu_plugin_register_atexit_cb(plugin_id id, void (*callback)(plugin_id id, void *data),
                                    void *data);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { ADD = 0, MOST = 4096 };

static struct {
    const char *name;
    uint64_t count;
} functions[MOST];
static int function_count;

/* The counter of a function; those beyond MOST share the last. */
static uint64_t *counter_of(const char *name) {
    for (int i = 0; i < function_count; i++)
        if (!strcmp(functions[i].name, name))
            return &functions[i].count;
    if (function_count == MOST)
        return &functions[MOST - 1].count;
    functions[function_count].name = strdup(name);
    return &functions[function_count++].count;
}

static void count_block(plugin_id id, block *b) {
    const char *name = qemu_plugin_insn_symbol(qemu_plugin_tb_get_insn(b, 0));
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_inline(b, ADD, counter_of(name ? name : "?"),
                                             qemu_plugin_tb_n_insns(b));
}

static void print(plugin_id id, void *data) {
    (void)id;
    (void)data;
    for (int i = 0; i < function_count; i++)
        fprintf(stderr, "instructions %llu %s\n", (unsigned long long)functions[i].count,
                functions[i].name);
}

__attribute__((visibility("default"))) int qemu_plugin_install(plugin_id id, const void *info,
                                                               int argc, char **argv) {
    (void)info;
    (void)argc;
    (void)argv;
    qemu_plugin_register_vcpu_tb_trans_cb(id, count_block);
    qemu_plugin_register_atexit_cb(id, print, NULL);
    return 0;
}
