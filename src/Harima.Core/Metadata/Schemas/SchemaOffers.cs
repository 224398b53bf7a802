namespace Harima.Metadata.Schemas;

/// <summary>Why a schema is offered for a sequence, the best reason first.</summary>
public enum SchemaSuits
{
    /// <summary>Registered for this technique at this beamline.</summary>
    TechniqueAtBeamline,

    /// <summary>Registered for this technique.</summary>
    Technique,

    /// <summary>Registered for this beamline.</summary>
    Beamline,

    /// <summary>Followed last in the proposal.</summary>
    UsedLast,

    /// <summary>For what no other suits.</summary>
    General,

    /// <summary>Registered for something else, or for nothing in particular.</summary>
    Other,
}

public sealed record SchemaOffer(MetadataSchema Schema, SchemaSuits Suits);

/// <summary>In which order schemas are offered.</summary>
static class SchemaOffers
{
    /// <param name="last">The id of the schema that the proposal followed last.</param>
    public static IReadOnlyList<SchemaOffer> Of(
        IEnumerable<MetadataSchema> schemas,
        string beamlineId,
        IReadOnlyCollection<string> techniques,
        string? last
    ) =>
        [
            .. schemas
                .Select(schema =>
                    (Offer: new SchemaOffer(schema, Suits(schema, beamlineId, techniques, last)), Depth: Depth(schema))
                )
                .OrderBy(one => one.Offer.Suits)
                // Of two that suit an EXAFS measurement, the one for EXAFS comes before the one for absorption spectroscopy.
                .ThenByDescending(one => one.Offer.Suits <= SchemaSuits.Technique ? one.Depth : 0)
                .ThenBy(one => one.Offer.Schema.Id, StringComparer.Ordinal)
                .Select(one => one.Offer),
        ];

    static SchemaSuits Suits(
        MetadataSchema schema,
        string beamlineId,
        IReadOnlyCollection<string> techniques,
        string? last
    )
    {
        var here = string.Equals(schema.Instrument, beamlineId, StringComparison.OrdinalIgnoreCase);
        var elsewhere = schema.Instrument.Length > 0 && !here;
        var meant = schema.Technique.Length > 0 && techniques.Any(one => Includes(schema.Technique, one));
        // A technique that is known to be another one speaks louder than the beamline.
        var another = schema.Technique.Length > 0 && techniques.Count > 0 && !meant;
        return (here, meant) switch
        {
            (true, true) => SchemaSuits.TechniqueAtBeamline,
            (false, true) when !elsewhere => SchemaSuits.Technique,
            (true, false) when !another => SchemaSuits.Beamline,
            _ when schema.Id == last && !another => SchemaSuits.UsedLast,
            _ when schema.IsGeneral => SchemaSuits.General,
            _ => SchemaSuits.Other,
        };
    }

    /// <summary>By PaNET, XAFS includes EXAFS; a name that PaNET does not know only itself.</summary>
    static bool Includes(string schemas, string sequences) =>
        Techniques.Find(schemas) is { } wide && Techniques.Find(sequences) is { } narrow
            ? Techniques.Broader(narrow.Id).Contains(wide.Id)
            : string.Equals(schemas.Trim(), sequences.Trim(), StringComparison.OrdinalIgnoreCase);

    static int Depth(MetadataSchema schema) =>
        Techniques.Find(schema.Technique) is { } known ? Techniques.Broader(known.Id).Count : 0;
}
