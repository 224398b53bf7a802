namespace Harima.Rest;

/// <param name="Measurement">The measurement document as it becomes; null where the text says nothing about it.</param>
/// <param name="Sample">The sample document as it becomes; null where the text says nothing about it.</param>
/// <param name="NotCarried">What the text said and the documents have no place for.</param>
/// <param name="Format">The format it was read as.</param>
public sealed record ImportedMetadataDto(
    string? Measurement,
    string? Sample,
    IReadOnlyList<string> NotCarried,
    string Format = ""
);
