using Harima.Access;
using Harima.Faults;

namespace Harima.Sequences;

public enum SequenceState
{
    /// <summary>Files and metadata may be added, changed and removed.</summary>
    Open,

    /// <summary>Immutable.</summary>
    Closed,
}

public enum Visibility
{
    /// <summary>For those who hold a right on it.</summary>
    Limited,

    /// <summary>Readable by anybody, logged in or not.</summary>
    Everyone,
}

/// <summary>The unit of upload, sharing and analysis: one measurement with its files.</summary>
public sealed record Sequence
{
    internal long Row { get; init; }
    public required string ProposalId { get; init; }

    /// <summary>Unique within its proposal; the first segment of its files' keys.</summary>
    public required string Id { get; init; }
    public required string BeamlineId { get; init; }
    public SequenceState State { get; init; }

    /// <summary>User id of who opened it.</summary>
    public required string Owner { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ClosedAt { get; init; }
    public long SizeBytes { get; init; }
    public long FileCount { get; init; }

    /// <summary><c>proposal/sequence</c>.</summary>
    public string Name => NameOf(ProposalId, Id);

    public ResourceRef Ref => new(ResourceKind.Sequence, Name);

    public static string NameOf(string proposalId, string id) => $"{proposalId}/{id}";

    /// <summary>1 to 128 letters, digits, '.', '_' or '-', beginning with a letter or digit.</summary>
    public static bool IsId(string text) =>
        text.Length is >= 1 and <= 128
        && char.IsAsciiLetterOrDigit(text[0])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    internal static void RequireId(string text)
    {
        if (!IsId(text))
            throw Fault.Invalid(
                "sequence-id",
                $"'{text}' cannot be a sequence id. Use 1 to 128 letters, digits, '.', '_' or '-', beginning with a letter or digit, such as S0042.",
                ("id", text)
            );
    }
}
