/*
 * The platform layer that Moddable XS asks for (XSPLATFORM), for a desktop
 * test harness: no debugger, no timers, no workers. harness.c holds the code.
 */
#ifndef SIMSTRAP_XS_PLATFORM
#define SIMSTRAP_XS_PLATFORM

#if defined(__linux__)
	#undef mxLinux
	#define mxLinux 1
#elif defined(__APPLE__)
	#undef mxMacOSX
	#define mxMacOSX 1
#else
	#error "this harness runs on Linux and macOS only"
#endif

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define mxExport extern
#define mxImport extern
#define XS_FUNCTION_NORETURN __attribute__((noreturn))

#define mxUseGCCAtomics 1
#define mxUsePOSIXThreads 1

/* slots of 32 bytes on a 64-bit machine have room for wide identifiers */
#if INTPTR_MAX == INT64_MAX
	#define mx32bitID 1
#endif

/* check the stack, as on a device */
#define mxBoundsCheck 1

#define mxMachinePlatform \
	int promiseJobs; \
	void* waiterCondition; \
	void* waiterData; \
	void* waiterLink;

#define mxUseDefaultBuildKeys 1
#define mxUseDefaultParseScript 1
#define mxUseDefaultSharedChunks 1

/* fxReport explains an abort just before it: keep its line for fxAbort */
extern int harnessReport(const char* format, va_list arguments);
#define c_vprintf harnessReport

#endif
