using System.Text.Json.Serialization;

namespace Harima.Rest;

/// <param name="Technique">Empty where the schema suits any.</param>
/// <param name="Instrument">A beamline; empty where it suits any.</param>
/// <param name="IsGeneral">It is offered where no other suits.</param>
/// <param name="RetiredAt">Since when it is offered no longer.</param>
public sealed record SchemaDto(
    string Id,
    long Version,
    MetadataKindDto Kind,
    string Technique,
    string Instrument,
    string Title,
    string TitleJa,
    DateTimeOffset RegisteredAt,
    string RegisteredBy,
    DateTimeOffset? RetiredAt,
    bool IsGeneral = false
);

/// <summary>Why a schema is offered for a sequence, the best reason first.</summary>
[JsonConverter(typeof(LowerCaseWords<SchemaSuitsDto>))]
public enum SchemaSuitsDto
{
    TechniqueAtBeamline,
    Technique,
    Beamline,
    UsedLast,
    General,
    Other,
}

public sealed record SchemaOfferDto(SchemaDto Schema, SchemaSuitsDto Suits);

/// <summary>How a document of a sequence stands to the schema it follows.</summary>
/// <param name="Schema">Null where it follows none.</param>
/// <param name="Valid">Nothing is wrong and nothing is missing; null where it follows no schema.</param>
/// <param name="Missing">What the schema requires and is not there yet.</param>
/// <param name="Errors">What is wrong.</param>
public sealed record SchemaStandingDto(
    MetadataKindDto Kind,
    SchemaDto? Schema,
    bool? Valid,
    IReadOnlyList<MetadataErrorDto> Missing,
    IReadOnlyList<MetadataErrorDto> Errors
);

/// <param name="Schema">Id of a registered schema; null to follow none.</param>
/// <param name="Version">Null for the newest.</param>
public sealed record FollowSchemaDto(string? Schema, long? Version = null);
