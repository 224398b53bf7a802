using System.Text.Json.Serialization;

namespace Harima.Rest;

/// <summary>The two documents of a sequence.</summary>
[JsonConverter(typeof(LowerCaseWords<MetadataKindDto>))]
public enum MetadataKindDto
{
    Measurement,
    Sample,
}

/// <param name="Id">To restore it by.</param>
/// <param name="Differences">Value by value; empty where only white space or order changed.</param>
/// <param name="Bulk">The bulk change it was part of.</param>
/// <param name="Before">The text as it was, null where there was none.</param>
/// <param name="After">The text as it became, null where it was removed.</param>
public sealed record MetadataChangeDto(
    long Id,
    MetadataKindDto Kind,
    string? Before,
    string? After,
    DateTimeOffset At,
    string Actor,
    IReadOnlyList<MetadataDifferenceDto> Differences,
    string? Bulk
);

/// <param name="Valid">It can be stored; and, where a schema was named, follows it.</param>
/// <param name="Missing">What the schema requires and is not there yet. It may be stored without.</param>
public sealed record MetadataCheckDto(
    bool Valid,
    IReadOnlyList<MetadataErrorDto> Errors,
    IReadOnlyList<MetadataErrorDto>? Missing = null
);

/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters.</param>
/// <param name="Path">Of what is missing, where it is missing.</param>
/// <param name="Keyword">Of JSON Schema; null where the text is not even JSON.</param>
/// <param name="Label">What the missing field is called.</param>
public sealed record MetadataErrorDto(
    int Line,
    int Column,
    string Path,
    string Message,
    string? MessageJa = null,
    string? Keyword = null,
    string? Label = null,
    string? LabelJa = null
);
