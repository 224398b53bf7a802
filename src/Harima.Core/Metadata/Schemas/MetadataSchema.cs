namespace Harima.Metadata.Schemas;

/// <summary>A schema as it is registered.</summary>
public sealed record MetadataSchema
{
    /// <summary>Such as <c>xafs</c>.</summary>
    public required string Id { get; init; }

    /// <summary>From 1. The text never changes under its version.</summary>
    public long Version { get; init; }

    /// <summary>Which of the two documents it describes.</summary>
    public MetadataKind Kind { get; init; }

    /// <summary>Empty where it suits any.</summary>
    public required string Technique { get; init; }

    /// <summary>A beamline; empty where it suits any.</summary>
    public required string Instrument { get; init; }

    /// <summary>It is offered where no other suits; one id of each kind is.</summary>
    public bool IsGeneral { get; init; }
    public required string Title { get; init; }
    public required string TitleJa { get; init; }

    /// <summary>Exactly as it was given.</summary>
    public required string Json { get; init; }
    public DateTimeOffset RegisteredAt { get; init; }
    public required string RegisteredBy { get; init; }

    /// <summary>It is offered no longer; who follows it goes on.</summary>
    public DateTimeOffset? RetiredAt { get; init; }

    public string Name => FormattableString.Invariant($"{Id}/{Version}");
}
