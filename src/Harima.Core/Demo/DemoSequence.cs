using System.Globalization;
using System.Text;
using Harima.Access;
using Harima.Imaging.Formats.Nexus;

namespace Harima.Demo;

/// <summary>A file of the demo with its bytes.</summary>
sealed record DemoFile(string Path, string ContentType, byte[] Content)
{
    public static DemoFile Write(string path, string contentType, Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return new DemoFile(path, contentType, stream.ToArray());
    }
}

/// <summary>A measurement of the demo: who took it, what came of it, and who may see it.</summary>
sealed record DemoSequence(DemoProposal Proposal, string Id, string Title, string TitleJa, string StartedAt)
{
    public const string Facility = "SPring-8-like demo";

    public required DemoExperiment Experiment { get; init; }

    /// <summary>User id of who measured it.</summary>
    public required string Owner { get; init; }

    public int Minutes { get; init; } = 30;

    public bool StaysOpen { get; init; }

    public bool IsForEveryone { get; init; }

    public (string UserId, Right Right)? SharedWith { get; init; }

    /// <summary>In the facility's own time.</summary>
    public DateTimeOffset StartAt =>
        new(DateTime.ParseExact(StartedAt, "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), TimeSpan.FromHours(9));

    public DateTimeOffset EndAt => StartAt.AddMinutes(Minutes);

    /// <summary>FNV-1a of its name: every sequence has noise of its own, and the same at every filling.</summary>
    public ulong Seed =>
        Encoding
            .UTF8.GetBytes($"{Proposal.Id}/{Id}")
            .Aggregate(14695981039346656037, (hash, b) => unchecked((hash ^ b) * 1099511628211));

    public NexusMeasurement Nexus =>
        new()
        {
            Title = Title,
            StartAt = StartAt,
            EndAt = EndAt,
            SourceName = Facility,
            BeamlineName = Proposal.Beamline.Id,
            SampleName = Experiment.Sample.Name,
            ChemicalFormula = Experiment.Sample.Formula,
            ExperimentIdentifier = Proposal.Id,
            EntryIdentifier = Id,
        };
}
