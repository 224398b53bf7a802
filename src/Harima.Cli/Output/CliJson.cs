using System.Text.Json;
using System.Text.Json.Serialization;

namespace Harima.Cli.Output;

/// <param name="Reason">What the server calls it, where it was the server that refused.</param>
sealed record FaultDto(string Error, string? Reason, int ExitCode);

/// <param name="Outcome"><c>transferred</c>, <c>skipped</c> (was there already) or <c>failed</c>.</param>
/// <param name="ExitCode">Of a failed one, the exit code that says what kind of failure it is; else 0.</param>
sealed record TransferredDto(
    string Path,
    string Key,
    long SizeBytes,
    string? Crc64nvme,
    string Outcome,
    string? Error,
    int ExitCode
);

sealed record TransferDto(
    IReadOnlyList<TransferredDto> Files,
    int Transferred,
    int Skipped,
    int Failed,
    long TransferredBytes,
    bool Closed
);

sealed record ListedDto(string Name, bool Folder, long? SizeBytes, DateTimeOffset? ModifiedAt);

sealed record ListDto(IReadOnlyList<ListedDto> Items);

sealed record OkDto(bool Ok);

/// <summary>The document of the AWS tools' credential_process.</summary>
sealed record ProcessCredentialsDto(
    [property: JsonPropertyName("Version")] int Version,
    [property: JsonPropertyName("AccessKeyId")] string AccessKeyId,
    [property: JsonPropertyName("SecretAccessKey")] string SecretAccessKey,
    [property: JsonPropertyName("SessionToken")] string SessionToken,
    [property: JsonPropertyName("Expiration")] DateTimeOffset Expiration
);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(FaultDto))]
[JsonSerializable(typeof(TransferDto))]
[JsonSerializable(typeof(ListDto))]
[JsonSerializable(typeof(OkDto))]
[JsonSerializable(typeof(ProcessCredentialsDto))]
sealed partial class CliJson : JsonSerializerContext;
