namespace Harima.Imaging.Formats.Nexus;

/// <summary>What every NeXus file says of the measurement, in NeXus's own words.</summary>
public sealed record NexusMeasurement
{
    /// <summary>Title of the entry.</summary>
    public required string Title { get; init; }

    /// <summary>When the measurement began, with the offset of the facility's clock.</summary>
    public required DateTimeOffset StartAt { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset EndAt { get; init; }

    /// <summary>The facility's source, such as "SPring-8".</summary>
    public required string SourceName { get; init; }

    /// <summary>Name of the beamline.</summary>
    public required string BeamlineName { get; init; }

    /// <summary>Name of the sample.</summary>
    public required string SampleName { get; init; }

    /// <summary>Formula of the sample, where it has one.</summary>
    public string? ChemicalFormula { get; init; }

    /// <summary>The facility's identifier of the experiment.</summary>
    public string? ExperimentIdentifier { get; init; }

    /// <summary>Identifier of this measurement within the experiment.</summary>
    public string? EntryIdentifier { get; init; }
}
