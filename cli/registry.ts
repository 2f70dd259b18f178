// The objects that a bootstrap file is made of, as the OMA LwM2M registry defines them (github.com/OpenMobileAlliance/lwm2m-registry:
// Security 0 and Server 1 in versions 1.0, 1.1 and 1.2, Access Control 2, OSCORE 21 in versions 1.0 to 2.0). What is secret is
// this project's choice.

export type ResourceType =
	| "string"
	| "integer"
	| "unsigned"
	| "boolean"
	| "opaque"
	| "time"
	| "objlnk"
	/** Executable: it has no value. */
	| "none";

export interface ResourceDefinition {
	id: number;
	/** The registry's name in camel case, as JSON has it. */
	key: string;
	/** The registry's name. */
	name: string;
	type: ResourceType;
	/** It may have several Resource Instances. */
	multiple: boolean;
	/** Never shown unless it is asked for. */
	secret: boolean;
	/** The object's version that brought it, "1.0" to "1.2". */
	since: string;
}

export interface ObjectDefinition {
	id: number;
	name: string;
	resources: readonly ResourceDefinition[];
}

type Row = readonly [id: number, key: string, name: string, type: ResourceType, flags?: "multiple" | "secret"];

function rows(since: string, list: readonly Row[]): ResourceDefinition[] {
	return list.map(([id, key, name, type, flags]) => ({
		id,
		key,
		name,
		type,
		multiple: flags === "multiple",
		secret: flags === "secret",
		since,
	}));
}

const SECURITY: ObjectDefinition = {
	id: 0,
	name: "LwM2M Security",
	resources: [
		...rows("1.0", [
			[0, "serverUri", "LwM2M Server URI", "string"],
			[1, "bootstrapServer", "Bootstrap-Server", "boolean"],
			[2, "securityMode", "Security Mode", "integer"],
			[3, "publicKeyOrIdentity", "Public Key or Identity", "opaque"],
			[4, "serverPublicKey", "Server Public Key", "opaque"],
			[5, "secretKey", "Secret Key", "opaque", "secret"],
			[6, "smsSecurityMode", "SMS Security Mode", "integer"],
			[7, "smsBindingKeyParameters", "SMS Binding Key Parameters", "opaque"],
			[8, "smsBindingSecretKeys", "SMS Binding Secret Key(s)", "opaque", "secret"],
			[9, "serverSmsNumber", "LwM2M Server SMS Number", "string"],
			[10, "shortServerId", "Short Server ID", "integer"],
			[11, "clientHoldOffTime", "Client Hold Off Time", "integer"],
			[12, "bootstrapServerAccountTimeout", "Bootstrap-Server Account Timeout", "integer"],
		]),
		...rows("1.1", [
			[13, "matchingType", "Matching Type", "unsigned"],
			[14, "sni", "SNI", "string"],
			[15, "certificateUsage", "Certificate Usage", "unsigned"],
			[16, "dtlsTlsCiphersuite", "DTLS/TLS Ciphersuite", "unsigned", "multiple"],
			[17, "oscoreSecurityMode", "OSCORE Security Mode", "objlnk"],
		]),
		...rows("1.2", [
			[18, "groupsToUseByClient", "Groups To Use by Client", "unsigned", "multiple"],
			[19, "signatureAlgorithmsSupportedByServer", "Signature Algorithms Supported by Server", "unsigned", "multiple"],
			[20, "signatureAlgorithmsToUseByClient", "Signature Algorithms To Use by Client", "unsigned", "multiple"],
			[
				21,
				"signatureAlgorithmCertsToUseByClient",
				"Signature Algorithm Certs To Use by Client",
				"unsigned",
				"multiple",
			],
			[22, "tls13FeaturesToUseByClient", "TLS 1.3 Features To Use by Client", "unsigned"],
			[23, "tlsExtensionsSupportedByServer", "TLS Extensions Supported by Server", "unsigned"],
			[24, "tlsExtensionsToUseByClient", "TLS Extensions To Use by Client", "unsigned"],
			[25, "secondaryServerUri", "Secondary LwM2M Server URI", "string", "multiple"],
			[26, "mqttServer", "MQTT Server", "objlnk"],
			[27, "coseSecurity", "LwM2M COSE Security", "objlnk", "multiple"],
			[28, "rdsDestinationPort", "RDS Destination Port", "integer"],
			[29, "rdsSourcePort", "RDS Source Port", "integer"],
			[30, "rdsApplicationId", "RDS Application ID", "string"],
		]),
	],
};

const SERVER: ObjectDefinition = {
	id: 1,
	name: "LwM2M Server",
	resources: [
		...rows("1.0", [
			[0, "shortServerId", "Short Server ID", "integer"],
			[1, "lifetime", "Lifetime", "integer"],
			[2, "defaultMinimumPeriod", "Default Minimum Period", "integer"],
			[3, "defaultMaximumPeriod", "Default Maximum Period", "integer"],
			[4, "disable", "Disable", "none"],
			[5, "disableTimeout", "Disable Timeout", "integer"],
			[6, "notificationStoring", "Notification Storing When Disabled or Offline", "boolean"],
			[7, "binding", "Binding", "string"],
			[8, "registrationUpdateTrigger", "Registration Update Trigger", "none"],
		]),
		...rows("1.1", [
			[9, "bootstrapRequestTrigger", "Bootstrap-Request Trigger", "none"],
			[10, "apnLink", "APN Link", "objlnk"],
			[11, "tlsDtlsAlertCode", "TLS-DTLS Alert Code", "unsigned"],
			[12, "lastBootstrapped", "Last Bootstrapped", "time"],
			[13, "registrationPriorityOrder", "Registration Priority Order", "unsigned"],
			[14, "initialRegistrationDelayTimer", "Initial Registration Delay Timer", "unsigned"],
			[15, "registrationFailureBlock", "Registration Failure Block", "boolean"],
			[16, "bootstrapOnRegistrationFailure", "Bootstrap on Registration Failure", "boolean"],
			[17, "communicationRetryCount", "Communication Retry Count", "unsigned"],
			[18, "communicationRetryTimer", "Communication Retry Timer", "unsigned"],
			[19, "communicationSequenceDelayTimer", "Communication Sequence Delay Timer", "unsigned"],
			[20, "communicationSequenceRetryCount", "Communication Sequence Retry Count", "unsigned"],
			[21, "trigger", "Trigger", "boolean"],
			[22, "preferredTransport", "Preferred Transport", "string"],
			[23, "muteSend", "Mute Send", "boolean"],
		]),
		...rows("1.2", [
			[24, "alternateApnLinks", "Alternate APN Links", "objlnk", "multiple"],
			[25, "supportedServerVersions", "Supported Server Versions", "string", "multiple"],
			[26, "defaultNotificationMode", "Default Notification Mode", "integer"],
			[27, "profileIdHashAlgorithm", "Profile ID Hash Algorithm", "unsigned"],
		]),
	],
};

const ACCESS_CONTROL: ObjectDefinition = {
	id: 2,
	name: "LwM2M Access Control",
	resources: rows("1.0", [
		[0, "objectId", "Object ID", "integer"],
		[1, "objectInstanceId", "Object Instance ID", "integer"],
		[2, "acl", "ACL", "integer", "multiple"],
		[3, "accessControlOwner", "Access Control Owner", "integer"],
	]),
};

/** Version 1.0 has Strings where 2.0 has Opaque: all of them are taken as bytes. */
const OSCORE: ObjectDefinition = {
	id: 21,
	name: "LwM2M OSCORE",
	resources: [
		...rows("1.0", [
			[0, "masterSecret", "OSCORE Master Secret", "opaque", "secret"],
			[1, "senderId", "OSCORE Sender ID", "opaque"],
			[2, "recipientId", "OSCORE Recipient ID", "opaque"],
			[3, "aeadAlgorithm", "OSCORE AEAD Algorithm", "integer"],
			[4, "hmacAlgorithm", "OSCORE HMAC Algorithm", "integer"],
			[5, "masterSalt", "OSCORE Master Salt", "opaque", "secret"],
		]),
		...rows("1.1", [[6, "idContext", "OSCORE ID Context", "opaque"]]),
	],
};

export const OBJECTS: readonly ObjectDefinition[] = [SECURITY, SERVER, ACCESS_CONTROL, OSCORE];

export function objectOf(id: number): ObjectDefinition | null {
	return OBJECTS.find((object) => object.id === id) ?? null;
}

export function resourceOf(objectId: number, id: number): ResourceDefinition | null {
	return objectOf(objectId)?.resources.find((resource) => resource.id === id) ?? null;
}

/** The values of Security Mode (0/x/2), in words. */
export const SECURITY_MODES: readonly string[] = [
	"pre-shared key",
	"raw public key",
	"certificate",
	"no security",
	"certificate with EST",
];
