// The SDK's module `crypt`, which @moddable/typings lacks; aes.ts says what is used of it.

declare module "crypt";
