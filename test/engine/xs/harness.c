/*
 * Runs ES modules on Moddable XS with memory limits and meters. See README.md.
 *
 * Byte code and the strings in it stay outside of the XS heap, as they do on a
 * microcontroller that runs them from flash, so the meters count only what a
 * program allocates while it runs.
 */

#include "xsAll.h"
#include "xsScript.h"

#include <sys/mman.h>

#define CODE_ERROR 1
#define CODE_USAGE 2
#define CODE_ABORT 3

/* address space for chunks; memory is committed as the heap grows */
#define CHUNK_RESERVE ((size_t)1 << 30)

#define METER_INTERVAL ((txU4)1 << 24)

#define STACK_PAINT 0xA5

/*
 * Stack slots that the built-ins take here and that are in flash on a device,
 * where the app's machine is a clone and has only the first few of its own.
 */
#define STACK_BUILT_INS (mxStackIndexCount - (mxInstanceInspectorsStackIndex + 1))

extern void fxGrowSlots(txMachine* the, txSize count);
extern void fxRemapIDs(txMachine* the, txByte* codeBuffer, txSize codeSize, txID* ids);

typedef struct {
	const char* name;
	const char* path;
} Mapping;

typedef struct {
	/* options */
	Mapping* mappings;
	int mappingCount;
	int fixed;
	int report;
	txSize incrementalChunk;
	txSize incrementalSlots;
	/* meters */
	uint64_t bytecodes;
	uint32_t collections;
	/* limit */
	txSlot ballast;
	txSize ballastCount;
	txSize trimmedCount;
	/* stack */
	txSlot* markBase;
	txSlot* lowest;
	/* end */
	int mainDone;
	char reason[256];
	char syntaxError[512];
} Harness;

static Harness harness;

/* ---------------------------------------------------------------- meters */

static uint64_t bytecodes(txMachine* the)
{
	return harness.bytecodes + the->meterIndex;
}

/* called by the engine after each METER_INTERVAL, so that its 32-bit counter never overflows */
static txBoolean carryBytecodes(txMachine* the, txU4 index)
{
	harness.bytecodes += index;
	the->meterIndex = 0;
	return 1;
}

static txSize slotsInUse(txMachine* the)
{
	return the->currentHeapCount - harness.ballastCount;
}

static txSlot* lowestTouched(txMachine* the)
{
	txSlot* slot = the->stackBottom;
	while (slot < the->stackTop) {
		const txU1* bytes = (const txU1*)slot;
		size_t i;
		for (i = 0; i < sizeof(txSlot); i++)
			if (bytes[i] != STACK_PAINT)
				return slot;
		slot++;
	}
	return slot;
}

static void paintStack(txMachine* the)
{
	txSlot* lowest = lowestTouched(the);
	if (harness.lowest > lowest)
		harness.lowest = lowest;
	memset(the->stackBottom, STACK_PAINT, (size_t)((txByte*)the->stack - (txByte*)the->stackBottom));
}

static void report(txMachine* the)
{
	txSlot* lowest = lowestTouched(the);
	if (harness.lowest > lowest)
		harness.lowest = lowest;
	fprintf(stderr, "XS report: {\"slots\":%d,\"slotsReserved\":%d,\"chunkBytes\":%d,\"chunkBytesReserved\":%d,"
		"\"bytecodes\":%llu,\"collections\":%u,\"keys\":%d,\"stackPeak\":%d,\"stackReserved\":%d}\n",
		(int)slotsInUse(the), (int)(the->maximumHeapCount - harness.ballastCount),
		(int)the->currentChunksSize, (int)the->maximumChunksSize,
		(unsigned long long)bytecodes(the), harness.collections, (int)the->keyIndex,
		(int)(the->stackTop - harness.lowest) - STACK_BUILT_INS,
		(int)(the->stackTop - the->stackBottom) - STACK_BUILT_INS);
}

static void finish(txMachine* the, int code) XS_FUNCTION_NORETURN;
static void finish(txMachine* the, int code)
{
	if (harness.report && harness.lowest)
		report(the);
	fflush(stdout);
	fflush(stderr);
	_exit(code);
}

/* ---------------------------------------------------------------- errors */

int harnessReport(const char* format, va_list arguments)
{
	return vsnprintf(harness.reason, sizeof(harness.reason), format, arguments);
}

static void printException(txMachine* the, const char* what)
{
	mxTry(the) {
		txSlot* slot;
		mxPush(mxException);
		slot = the->stack;
		if (slot->kind == XS_REFERENCE_KIND && slot->value.reference->next && slot->value.reference->next->kind == XS_ERROR_KIND) {
			mxPushSlot(slot);
			fxGetID(the, mxID(_stack));
			slot = the->stack;
		}
		fprintf(stderr, "%s%s\n", what, fxToString(the, slot));
	}
	mxCatch(the) {
		fprintf(stderr, "%san error that cannot be shown as text\n", what);
	}
}

static void throwError(txMachine* the, txSlot constructor, const char* message) XS_FUNCTION_NORETURN;
static void throwError(txMachine* the, txSlot constructor, const char* message)
{
	mxPush(constructor);
	mxNew();
	mxPushStringC((txString)message);
	mxRunCount(1);
	mxPull(mxException);
	fxJump(the);
	abort();
}

void fxAbort(txMachine* the, int status)
{
	int bytes;
	fflush(stdout);
	switch (status) {
	case XS_NOT_ENOUGH_MEMORY_EXIT:
		if (strstr(harness.reason, "Slot allocation"))
			fprintf(stderr, "XS abort: out of memory (slots)\n");
		else if (sscanf(harness.reason, "# Chunk allocation: %d bytes failed", &bytes) == 1)
			fprintf(stderr, "XS abort: out of memory (chunks, %d bytes were asked for)\n", bytes);
		else if (strstr(harness.reason, "Chunk allocation"))
			fprintf(stderr, "XS abort: out of memory (chunks)\n");
		else
			fprintf(stderr, "XS abort: out of memory\n");
		finish(the, CODE_ABORT);
	case XS_STACK_OVERFLOW_EXIT:
		fprintf(stderr, "XS abort: stack overflow\n");
		finish(the, CODE_ABORT);
	case XS_NO_MORE_KEYS_EXIT:
		fprintf(stderr, "XS abort: out of keys\n");
		finish(the, CODE_ABORT);
	case XS_UNHANDLED_EXCEPTION_EXIT:
		printException(the, "Uncaught exception: ");
		finish(the, CODE_ERROR);
	case XS_UNHANDLED_REJECTION_EXIT:
		printException(the, "Unhandled rejection: ");
		finish(the, CODE_ERROR);
	default:
		fprintf(stderr, "XS abort: status %d\n", status);
		finish(the, CODE_ABORT);
	}
}

/* ---------------------------------------------------------------- memory */

static void* commitChunks(txByte* base, txByte* end)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = ((size_t)(end - base) + page - 1) & ~(page - 1);
	if (size > CHUNK_RESERVE || mprotect(base, size, PROT_READ | PROT_WRITE))
		return NULL;
	return base;
}

/* one block that grows in place: free chunk memory is never in two parts */
void* fxAllocateChunks(txMachine* the, txSize size)
{
	txByte* base;
	txByte* result;
	if (the->firstBlock) {
		base = (txByte*)the->firstBlock;
		result = the->firstBlock->limit;
	}
	else {
		base = mmap(NULL, CHUNK_RESERVE, PROT_NONE, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
		if (base == MAP_FAILED)
			return NULL;
		result = base;
	}
	return commitChunks(base, result + size) ? result : NULL;
}

void fxFreeChunks(txMachine* the, void* chunks)
{
	munmap(chunks, CHUNK_RESERVE);
}

txSlot* fxAllocateSlots(txMachine* the, txSize count)
{
	return malloc((size_t)count * sizeof(txSlot));
}

void fxFreeSlots(txMachine* the, void* slots)
{
	free(slots);
}

static void setGrowth(txMachine* the, int growth)
{
	the->minimumHeapCount = growth ? harness.incrementalSlots : 0;
	the->minimumChunksSize = growth ? harness.incrementalChunk : 0;
}

static void releaseLimit(txMachine* the)
{
	harness.ballast.kind = XS_UNDEFINED_KIND;
	harness.ballastCount = 0;
	the->firstHeap->value.reference += harness.trimmedCount;
	the->maximumHeapCount += harness.trimmedCount;
	harness.trimmedCount = 0;
	fxCollectGarbage(the);
}

/*
 * Leaves exactly `slots` free slots and `bytes` free chunk bytes and a heap
 * that cannot grow, so that the engine's own allocator collects and then
 * gives up, as it does in a fixed heap. Surplus slots are cut off at the end
 * of the heap, so that collections stay quick, or go into a ballast list.
 */
static void setLimit(txMachine* the, txSize slots, txSize bytes)
{
	txBlock* block;
	txSlot* slot;
	txSlot* first;
	txSlot* last = NULL;
	txSize count = 0;
	txSize previous;

	releaseLimit(the);
	for (slot = the->freeHeap; slot; slot = slot->next)
		count++;
	while (count < slots) {
		fxGrowSlots(the, slots - count < 64 ? 64 : slots - count + 1);
		for (count = 0, slot = the->freeHeap; slot; slot = slot->next)
			count++;
	}
	count -= slots;
	/* the last collection listed the free slots from the end down */
	if (!the->firstHeap->next) {
		while (count && the->freeHeap == the->firstHeap->value.reference - 1) {
			the->freeHeap = the->freeHeap->next;
			the->firstHeap->value.reference--;
			harness.trimmedCount++;
			count--;
		}
		the->maximumHeapCount -= harness.trimmedCount;
	}
	if (count) {
		txSize i;
		first = slot = the->freeHeap;
		for (i = 0; i < count; i++) {
			slot->ID = XS_NO_ID;
			slot->flag = XS_NO_FLAG;
			slot->kind = XS_UNDEFINED_KIND;
			last = slot;
			slot = slot->next;
		}
		the->freeHeap = slot;
		last->next = NULL;
		first->kind = XS_INSTANCE_KIND;
		first->value.instance.garbage = NULL;
		first->value.instance.prototype = NULL;
		harness.ballast.value.reference = first;
		harness.ballast.kind = XS_REFERENCE_KIND;
		harness.ballastCount = count;
		the->currentHeapCount += count;
	}

	block = the->firstBlock;
	previous = (txSize)(block->limit - block->current);
	if ((txByte*)block + CHUNK_RESERVE - block->current < bytes || !commitChunks((txByte*)block, block->current + bytes))
		fxAbort(the, XS_NOT_ENOUGH_MEMORY_EXIT);
	block->limit = block->current + bytes;
	the->maximumChunksSize += bytes - previous;
	setGrowth(the, 0);
}

/* called by the mark phase of each collection */
static void countCollection(txMachine* the, void* data, txMarkRoot markRoot)
{
	harness.collections++;
}

static void ignoreDestruction(void* data)
{
}

static const txHostHooks collectionHooks = { ignoreDestruction, countCollection, NULL };

/* ---------------------------------------------------------------- host functions */

static void returnInteger(txMachine* the, int64_t value)
{
	if (value <= INT32_MAX) {
		mxResult->kind = XS_INTEGER_KIND;
		mxResult->value.integer = (txInteger)value;
	}
	else {
		mxResult->kind = XS_NUMBER_KIND;
		mxResult->value.number = (txNumber)value;
	}
}

static void printArguments(txMachine* the, FILE* file)
{
	txInteger i;
	for (i = 0; i < mxArgc; i++) {
		if (i)
			fputc(' ', file);
		fputs(fxToString(the, mxArgv(i)), file);
	}
	fputc('\n', file);
}

static void host_print(txMachine* the)
{
	printArguments(the, stdout);
}

static void host_printError(txMachine* the)
{
	fflush(stdout);
	printArguments(the, stderr);
}

static void host_slots(txMachine* the)
{
	returnInteger(the, slotsInUse(the));
}

static void host_chunkBytes(txMachine* the)
{
	returnInteger(the, the->currentChunksSize);
}

static void host_bytecodes(txMachine* the)
{
	returnInteger(the, (int64_t)bytecodes(the));
}

static void host_collect(txMachine* the)
{
	fxCollectGarbage(the);
}

static void host_gcCount(txMachine* the)
{
	returnInteger(the, harness.collections);
}

static void host_stackMark(txMachine* the)
{
	paintStack(the);
	harness.markBase = the->frame + 5;
}

static void host_stackPeak(txMachine* the)
{
	returnInteger(the, harness.markBase ? harness.markBase - lowestTouched(the) : 0);
}

static void host_now(txMachine* the)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	mxResult->kind = XS_NUMBER_KIND;
	mxResult->value.number = (txNumber)now.tv_sec * 1000.0 + (txNumber)now.tv_nsec / 1e6;
}

static void host_exit(txMachine* the)
{
	finish(the, mxArgc > 0 ? (int)fxToInteger(the, mxArgv(0)) & 255 : 0);
}

static void host_limit(txMachine* the)
{
	txInteger slots, bytes;
	if (mxArgc == 0) {
		releaseLimit(the);
		setGrowth(the, !harness.fixed);
		return;
	}
	if (mxArgc < 2)
		throwError(the, mxTypeErrorConstructor, "limit: give slots and chunk bytes, or nothing");
	slots = fxToInteger(the, mxArgv(0));
	bytes = fxToInteger(the, mxArgv(1));
	if (slots < 0 || bytes < 0)
		throwError(the, mxRangeErrorConstructor, "limit: less than 0");
	setLimit(the, slots, bytes);
}

static void defineGlobal(txMachine* the, const char* name)
{
	/* the value is on the stack */
	mxPush(mxGlobal);
	fxDefineID(the, fxNewNameX(the, (txString)name), XS_DONT_ENUM_FLAG, XS_DONT_ENUM_FLAG | XS_DONT_DELETE_FLAG | XS_DONT_SET_FLAG);
	mxPop();
}

static void defineFunction(txMachine* the, const char* name, txCallback callback, txInteger length)
{
	fxNewHostFunction(the, callback, length, fxNewNameX(the, (txString)name), XS_NO_ID);
	defineGlobal(the, name);
}

static void defineGlobals(txMachine* the, char** arguments, int argumentCount)
{
	txSlot* array;
	int i;
	defineFunction(the, "print", host_print, 1);
	defineFunction(the, "printError", host_printError, 1);
	defineFunction(the, "slots", host_slots, 0);
	defineFunction(the, "chunkBytes", host_chunkBytes, 0);
	defineFunction(the, "bytecodes", host_bytecodes, 0);
	defineFunction(the, "collect", host_collect, 0);
	defineFunction(the, "gcCount", host_gcCount, 0);
	defineFunction(the, "stackMark", host_stackMark, 0);
	defineFunction(the, "stackPeak", host_stackPeak, 0);
	defineFunction(the, "now", host_now, 0);
	defineFunction(the, "exit", host_exit, 1);
	defineFunction(the, "limit", host_limit, 2);
	fxNewArray(the, 0);
	array = the->stack;
	for (i = 0; i < argumentCount; i++) {
		mxPushStringC(arguments[i]);
		mxPushSlot(array);
		fxSetIndex(the, (txIndex)i);
		mxPop();
	}
	defineGlobal(the, "argv");
}

/* ---------------------------------------------------------------- modules */

static void keepSyntaxError(void* console, txString path, txInteger line, txString format, va_list arguments)
{
	int length;
	if (harness.syntaxError[0])
		return;
	length = snprintf(harness.syntaxError, sizeof(harness.syntaxError), "%s:%d: ", path ? path : "?", (int)line);
	if (length >= 0 && length < (int)sizeof(harness.syntaxError))
		vsnprintf(harness.syntaxError + length, sizeof(harness.syntaxError) - (size_t)length, format, arguments);
}

static void ignoreWarning(void* console, txString path, txInteger line, txString format, va_list arguments)
{
}

static txScript* parseModule(txMachine* the, const char* path)
{
	txParser _parser;
	txParser* parser = &_parser;
	txParserJump jump;
	txScript* volatile script = NULL;
	FILE* file = fopen(path, "r");
	if (!file) {
		char message[PATH_MAX + 64];
		snprintf(message, sizeof(message), "cannot read %s: %s", path, strerror(errno));
		throwError(the, mxErrorConstructor, message);
	}
	harness.syntaxError[0] = 0;
	fxInitializeParser(parser, the, the->parserBufferSize, the->parserTableModulo);
	parser->reportError = keepSyntaxError;
	parser->reportWarning = ignoreWarning;
	parser->firstJump = &jump;
	if (setjmp(jump.jmp_buf) == 0) {
		parser->path = fxNewParserSymbol(parser, (txString)path);
		fxParserTree(parser, file, (txGetter)fgetc, 0, NULL);
		fxParserHoist(parser);
		fxParserBind(parser);
		script = fxParserCode(parser);
	}
	fclose(file);
	fxTerminateParser(parser);
	if (!script || harness.syntaxError[0])
		throwError(the, mxSyntaxErrorConstructor, harness.syntaxError[0] ? harness.syntaxError : path);
	return script;
}

/* What linking an archive for flash does: code and strings are used in place. */
static void linkInPlace(txMachine* the, txScript* script)
{
	txByte* p = script->symbolsBuffer;
	txByte* q;
	txID count, i;
	txID* ids;
	if (p) {
		mxDecodeID(p, count);
		ids = malloc(count * sizeof(txID));
		if (!ids)
			fxAbort(the, XS_NOT_ENOUGH_MEMORY_EXIT);
		ids[0] = XS_NO_ID;
		for (i = 1; i < count; i++) {
			ids[i] = fxNewNameX(the, (txString)p);
			p += strlen((char*)p) + 1;
		}
		fxRemapIDs(the, script->codeBuffer, script->codeSize, ids);
		free(ids);
		script->symbolsBuffer = NULL;
	}
	p = script->codeBuffer;
	q = p + script->codeSize;
	while (p < q) {
		txS1 size = gxCodeSizes[*(txU1*)p];
		switch (*(txU1*)p) {
		case XS_CODE_CODE_1: *p = (txByte)XS_CODE_CODE_ARCHIVE_1; break;
		case XS_CODE_CODE_2: *p = (txByte)XS_CODE_CODE_ARCHIVE_2; break;
		case XS_CODE_CODE_4: *p = (txByte)XS_CODE_CODE_ARCHIVE_4; break;
		case XS_CODE_STRING_1: *p = (txByte)XS_CODE_STRING_ARCHIVE_1; break;
		case XS_CODE_STRING_2: *p = (txByte)XS_CODE_STRING_ARCHIVE_2; break;
		case XS_CODE_STRING_4: *p = (txByte)XS_CODE_STRING_ARCHIVE_4; break;
		}
		if (size > 0)
			p += size;
		else if (size == 0)
			p += 1 + sizeof(txID);
		else if (size == -1)
			p += 2 + *((txU1*)p + 1);
		else if (size == -2) {
			txU2 length;
			p++;
			mxDecode2(p, length);
			p += length;
		}
		else {
			txS4 length;
			p++;
			mxDecode4(p, length);
			p += length;
		}
	}
}

txID fxFindModule(txMachine* the, txSlot* realm, txID moduleID, txSlot* specifier)
{
	char name[PATH_MAX];
	char path[PATH_MAX];
	char message[2 * PATH_MAX + 64];
	const char* importer = moduleID == XS_NO_ID ? NULL : fxGetKeyName(the, moduleID);
	int i;
	fxToStringBuffer(the, specifier, name, sizeof(name));
	for (i = 0; i < harness.mappingCount; i++)
		if (!strcmp(name, harness.mappings[i].name))
			return fxNewNameX(the, (txString)harness.mappings[i].path);
	path[0] = 0;
	if (name[0] == '/')
		strcpy(path, name);
	else if (importer && (!strncmp(name, "./", 2) || !strncmp(name, "../", 3))) {
		const char* slash = strrchr(importer, '/');
		int length = slash ? (int)(slash - importer) : 0;
		if (length + strlen(name) + 2 <= sizeof(path))
			snprintf(path, sizeof(path), "%.*s/%s", length, importer, name);
	}
	if (path[0]) {
		char* real = realpath(path, NULL);
		if (real)
			return fxNewNameX(the, real);
	}
	if (importer)
		snprintf(message, sizeof(message), "module \"%s\" not found, imported by %s", name, importer);
	else
		snprintf(message, sizeof(message), "module \"%s\" not found", name);
	throwError(the, mxReferenceErrorConstructor, message);
	return XS_NO_ID;
}

void fxLoadModule(txMachine* the, txSlot* module, txID moduleID)
{
	txScript* script = parseModule(the, fxGetKeyName(the, moduleID));
	linkInPlace(the, script);
	fxResolveModule(the, module, moduleID, script, NULL, NULL);
}

static void mainFulfilled(txMachine* the)
{
	harness.mainDone = 1;
}

static void mainRejected(txMachine* the)
{
	mxException = *mxArgv(0);
	printException(the, "Uncaught exception: ");
	finish(the, CODE_ERROR);
}

/* ---------------------------------------------------------------- machine */

void fxCreateMachinePlatform(txMachine* the)
{
}

void fxDeleteMachinePlatform(txMachine* the)
{
}

void fxQueuePromiseJobs(txMachine* the)
{
	the->promiseJobs = 1;
}

static void runMain(txMachine* the, txString path)
{
	txSlot* realm = mxProgram.value.reference->next->value.module.realm;
	mxPushStringC(path);
	fxRunImport(the, realm, XS_NO_ID);
	mxDub();
	fxGetID(the, mxID(_then));
	mxCall();
	fxNewHostFunction(the, mainFulfilled, 1, XS_NO_ID, XS_NO_ID);
	fxNewHostFunction(the, mainRejected, 1, XS_NO_ID, XS_NO_ID);
	mxRunCount(2);
	mxPop();
	while (the->promiseJobs) {
		while (the->promiseJobs) {
			the->promiseJobs = 0;
			fxRunPromiseJobs(the);
		}
		fxEndJob(the);
	}
	fxCheckUnhandledRejections(the, 1);
}

static void usage(const char* problem) XS_FUNCTION_NORETURN;
static void usage(const char* problem)
{
	fprintf(stderr, "xs: %s\n"
		"usage: xs [--slots N] [--chunk BYTES] [--stack SLOTS] [--fixed] [--report] [--arg TEXT]... [name=path]... main.js\n", problem);
	exit(CODE_USAGE);
}

static txSize parseSize(const char* option, const char* text)
{
	char* end;
	long value;
	char problem[128];
	errno = 0;
	value = text ? strtol(text, &end, 10) : 0;
	if (!text || !*text || *end || errno || value < 1 || value > 0x3FFFFFFF) {
		snprintf(problem, sizeof(problem), "%s needs a whole number of at least 1", option);
		usage(problem);
	}
	return (txSize)value;
}

static char* parsePath(const char* path)
{
	char* real = realpath(path, NULL);
	if (!real) {
		fprintf(stderr, "xs: cannot read %s: %s\n", path, strerror(errno));
		exit(CODE_ERROR);
	}
	return real;
}

int main(int argc, char* argv[])
{
	txCreation creation = {
		16 * 1024 * 1024, /* initialChunkSize */
		4 * 1024 * 1024, /* incrementalChunkSize */
		256 * 1024, /* initialHeapCount */
		64 * 1024, /* incrementalHeapCount */
		16 * 1024, /* stackCount */
		8 * 1024, /* initialKeyCount */
		8 * 1024, /* incrementalKeyCount */
		1993, /* nameModulo */
		127, /* symbolModulo */
		1024 * 1024, /* parserBufferSize */
		1993, /* parserTableModulo */
		0
	};
	txMachine* the;
	char* mainPath = NULL;
	char** arguments = calloc((size_t)argc, sizeof(char*));
	int argumentCount = 0;
	int i;

	harness.mappings = calloc((size_t)argc, sizeof(Mapping));
	for (i = 1; i < argc; i++) {
		char* equals;
		if (!strcmp(argv[i], "--slots")) {
			creation.initialHeapCount = parseSize(argv[i], i + 1 < argc ? argv[i + 1] : NULL);
			i++;
		}
		else if (!strcmp(argv[i], "--chunk")) {
			creation.initialChunkSize = parseSize(argv[i], i + 1 < argc ? argv[i + 1] : NULL);
			i++;
		}
		else if (!strcmp(argv[i], "--stack")) {
			creation.stackCount = parseSize(argv[i], i + 1 < argc ? argv[i + 1] : NULL);
			i++;
		}
		else if (!strcmp(argv[i], "--fixed"))
			harness.fixed = 1;
		else if (!strcmp(argv[i], "--report"))
			harness.report = 1;
		else if (!strcmp(argv[i], "--arg")) {
			if (++i == argc)
				usage("--arg needs a text");
			arguments[argumentCount++] = argv[i];
		}
		else if (argv[i][0] == '-')
			usage("unknown option");
		else if ((equals = strchr(argv[i], '='))) {
			*equals = 0;
			harness.mappings[harness.mappingCount].name = argv[i];
			harness.mappings[harness.mappingCount++].path = parsePath(equals + 1);
		}
		else if (mainPath)
			usage("more than one main module");
		else
			mainPath = parsePath(argv[i]);
	}
	if (!mainPath)
		usage("no main module");

	/* XS cannot make a heap of a few slots */
	if (creation.initialHeapCount < 64)
		usage("--slots needs at least 64");
	creation.stackCount += STACK_BUILT_INS;
	harness.incrementalChunk = creation.incrementalChunkSize;
	harness.incrementalSlots = creation.incrementalHeapCount;
	if (harness.fixed) {
		creation.incrementalChunkSize = 0;
		creation.incrementalHeapCount = 0;
	}
	the = fxCreateMachine(&creation, "xs", NULL, XS_NO_ID);
	if (!the) {
		fprintf(stderr, "XS abort: no machine\n");
		return CODE_ABORT;
	}

	fxBeginMetering(the, carryBytecodes, METER_INTERVAL);
	fxBeginHost(the);
	harness.lowest = the->stackTop;
	memset(the->stackBottom, STACK_PAINT, (size_t)((txByte*)the->stack - (txByte*)the->stackBottom));
	{
		mxTry(the) {
			harness.ballast.kind = XS_UNDEFINED_KIND;
			fxRemember(the, &harness.ballast);
			fxNewHostObject(the, NULL);
			fxSetHostHooks(the, the->stack, &collectionHooks);
			fxSetHostData(the, the->stack, &harness);
			defineGlobals(the, arguments, argumentCount);
			runMain(the, mainPath);
		}
		mxCatch(the) {
			printException(the, "Uncaught exception: ");
			finish(the, CODE_ERROR);
		}
	}
	if (!harness.mainDone) {
		fprintf(stderr, "The main module waits for a promise that nothing settles.\n");
		finish(the, CODE_ERROR);
	}
	finish(the, 0);
}
