using System.Text.Json.Serialization;

namespace Harima.Rest;

[JsonConverter(typeof(LowerCaseWords<ArchiveFormatDto>))]
public enum ArchiveFormatDto
{
    Zip,
    Tar,
}

/// <param name="Sequences">Each as <c>proposal/sequence</c>.</param>
public sealed record CreateArchiveRequest(
    IReadOnlyList<string> Sequences,
    ArchiveFormatDto Format = ArchiveFormatDto.Zip
);

/// <param name="Url">Needs no login until it expires; resumable with ranges.</param>
/// <param name="SizeBytes">Of the whole archive.</param>
public sealed record ArchiveDto(string Url, long SizeBytes, long FileCount, string FileName, DateTimeOffset ExpiresAt);
