import { describe } from "mocha";
import { areRefused, AZURE, GCS, type Mistake, SAS, without } from "../support/cloudSettings";

describe("mistakes in repositories of Azure and Google", () => {
    const mistakes: readonly Mistake[] = [
        [
            "Azure's account in capitals",
            { ...AZURE, account: "Account" },
            /\.account: "Account": the storage account/,
        ],
        ["Azure's container with two -", { ...AZURE, container: "a--b" }, /\.container: "a--b": a container/],
        ["Azure's key that is no base64", { ...AZURE, key: "not base64!" }, /\.key: is not base64/],
        ["a SAS as key", { ...AZURE, key: SAS }, /\.key: is not base64.*belongs in sas/],
        ["Azure without a key", without(AZURE, "key"), /\.key: is missing/],
        ["both of Azure's keys", { ...AZURE, sas: SAS }, /\.sas: is set, and key too/],
        [
            "a managed identity and a key",
            { ...AZURE, keyType: "auto" },
            /\.key: is set, but keyType auto needs none/,
        ],
        [
            "a managed identity and a SAS",
            { ...without(AZURE, "key"), sas: SAS, keyType: "auto" },
            /\.sas: is set, but keyType auto needs none/,
        ],
        [
            "a type of key that Azure does not have",
            { ...without(AZURE, "key"), keyType: "web-id" },
            /\.keyType: "web-id": one of shared, sas, auto/,
        ],
        [
            "an expired SAS",
            { ...without(AZURE, "key"), sas: SAS.replace("2099", "2020") },
            /\.sas: expired on 2020-01-01/,
        ],
        [
            "a SAS that cannot delete",
            { ...without(AZURE, "key"), sas: SAS.replace("rcwdl", "rcwl") },
            /\.sas: lacks rights .*d \(delete\)/,
        ],
        [
            "a SAS for one blob",
            { ...without(AZURE, "key"), sas: SAS.replace("sr=c", "sr=b") },
            /\.sas: is not for the container/,
        ],
        ["a SAS without signature", { ...without(AZURE, "key"), sas: "?sv=1" }, /\.sas: is not a SAS/],
        ["Google's bucket", { ...GCS, bucket: "google-backups" }, /\.bucket: .*without google/],
        ["Google without a key", without(GCS, "key"), /\.key: is missing: the text of the service account/],
        [
            "a path in place of Google's key",
            { ...GCS, key: "/root/key.json" },
            /\.key: is not the text of a JSON key file/,
        ],
        ["another JSON", { ...GCS, key: "{}" }, /\.key: is not the key of a service account/],
        [
            "a key file without its key",
            { ...GCS, key: JSON.stringify({ type: "service_account", client_email: "a" }) },
            /\.key: lacks private_key, token_uri/,
        ],
        ["a key with keyType auto", { ...GCS, keyType: "auto" }, /\.key: is set, but keyType auto/],
    ];
    areRefused(mistakes);
});
