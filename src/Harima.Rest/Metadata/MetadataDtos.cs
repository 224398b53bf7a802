using System.Text.Json.Serialization;

namespace Harima.Rest;

/// <summary>The two documents of a sequence.</summary>
[JsonConverter(typeof(LowerCaseWords<MetadataKindDto>))]
public enum MetadataKindDto
{
    Measurement,
    Sample,
}

/// <param name="Before">The text as it was, null where there was none.</param>
/// <param name="After">The text as it became, null where it was removed.</param>
public sealed record MetadataChangeDto(
    MetadataKindDto Kind,
    string? Before,
    string? After,
    DateTimeOffset At,
    string Actor
);

public sealed record MetadataCheckDto(bool Valid, IReadOnlyList<MetadataErrorDto> Errors);

/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters.</param>
public sealed record MetadataErrorDto(int Line, int Column, string Path, string Message);
