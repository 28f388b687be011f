# SPDX-License-Identifier: GPL-2.0-only
# The way in; Meson and Ninja do the work. Recipes need a POSIX shell.

BUILD := build
BUILD_ASAN := build-asan
PREFIX ?=  # empty: what the build directory has, /usr/local at first
DESTDIR ?=
WERROR ?=

KTSTR := $(BUILD)/ktstr
OPTIONS := $(if $(strip $(PREFIX)),-Dprefix=$(strip $(PREFIX))) $(if $(WERROR),-Dwerror=true)
ASAN_OPTIONS := strict_string_checks=1:detect_stack_use_after_return=1:check_initialization_order=1
UBSAN_OPTIONS := print_stacktrace=1:halt_on_error=1

# Where `make check` finds what its three runs came to.
LOGS := $(BUILD)/meson-logs/testlog-unit.json $(BUILD_ASAN)/meson-logs/testlog-unit.json \
	$(BUILD)/meson-logs/testlog-vm.json
SUMMARY := $(BUILD)/meson-logs/summary.txt

.PHONY: all setup kernel demo check lint install clean help FORCE

all: $(BUILD)/build.ninja ## build ktstr, needs no network (the default)
	@ninja -C $(BUILD)

setup: ## install what is missing (as root), see scripts/setup --list
	@scripts/setup

# A directory is configured once; after that only for options that somebody names.
$(BUILD)/build.ninja: FORCE
	@command -v meson >/dev/null && command -v ninja >/dev/null || \
		{ echo "make: meson and ninja are needed: 'make setup' installs them" >&2; exit 1; }
	@if [ ! -f $@ ]; then meson setup $(BUILD) $(OPTIONS); \
	elif [ -n "$(strip $(OPTIONS))" ]; then meson configure $(BUILD) $(OPTIONS); fi

$(BUILD_ASAN)/build.ninja: FORCE
	@[ -f $@ ] || meson setup $(BUILD_ASAN) -Db_sanitize=address,undefined -Dwerror=true

# KTSTR_KERNEL names a kernel, or the store has one that can run sched_ext, or it is fetched.
kernel:
	@[ -n "$$KTSTR_KERNEL" ] || $(KTSTR) kernel list --json | grep -q '"default": true' || \
		$(KTSTR) kernel fetch

demo: setup ## set up, build, and run the example scenarios in a VM
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory kernel
	@$(KTSTR) test --verbose $(BUILD)/examples/demo

check: setup ## set up, build, and run every test, sanitizers included
	@$(MAKE) --no-print-directory all WERROR=1
	@$(MAKE) --no-print-directory kernel $(BUILD_ASAN)/build.ninja
	@rm -f $(LOGS) $(SUMMARY)
	@failed=; \
	meson test -C $(BUILD) --suite unit --logbase testlog-unit --print-errorlogs || failed=1; \
	ASAN_OPTIONS=$(ASAN_OPTIONS) UBSAN_OPTIONS=$(UBSAN_OPTIONS) \
	meson test -C $(BUILD_ASAN) --suite unit --logbase testlog-unit --print-errorlogs || \
		failed=1; \
	meson test -C $(BUILD) --suite vm --suite slow --logbase testlog-vm --print-errorlogs || failed=1; \
	scripts/test-summary $(LOGS) >$(SUMMARY) || failed=1; \
	cat $(SUMMARY); \
	[ -z "$$failed" ]

lint: $(BUILD)/build.ninja ## layout and static analysis: clang-format, clang-tidy, cppcheck, shellcheck
	@scripts/lint $(BUILD)

install: all ## install to DESTDIR/PREFIX
	@meson install -C $(BUILD) --no-rebuild $(if $(DESTDIR),--destdir "$(DESTDIR)")

clean: ## remove the build directories
	rm -rf $(BUILD) $(BUILD_ASAN)

help: ## say what the targets do
	@sed -n 's/^\([a-z]*\):.*## /\1 /p' Makefile | \
		while read -r target text; do printf 'make %-8s %s\n' "$$target" "$$text"; done
	@echo "PREFIX counts when something is built, DESTDIR when it is installed:"
	@echo "make install PREFIX=/usr DESTDIR=/tmp/image"
