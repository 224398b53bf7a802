using Harima.Access;
using Harima.Faults;

namespace Harima.Proposals;

/// <summary>A measuring station of the facility, such as <c>BL14B2</c>.</summary>
public sealed record Beamline
{
    public required string Id { get; init; }
    public required string Title { get; init; }
    public required string TitleJa { get; init; }
}

/// <summary>An accepted application for beam time. Its bucket bears its id in lower case.</summary>
public sealed record Proposal
{
    /// <summary>Such as <c>2026A1234</c>, upper case.</summary>
    public required string Id { get; init; }
    public required string Title { get; init; }
    public required string TitleJa { get; init; }
    public required string BeamlineId { get; init; }

    /// <summary>First and last day of the period, ISO dates.</summary>
    public required string StartsOn { get; init; }
    public required string EndsOn { get; init; }
    public long BucketId { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    public ResourceRef Ref => new(ResourceKind.Proposal, Id);

    /// <summary>What rights on the proposal follow from, from itself outwards.</summary>
    public IReadOnlyList<ResourceRef> Chain => [Ref, new(ResourceKind.Beamline, BeamlineId), ResourceRef.Facility];

    /// <summary>Four digits of the year, a letter for the term, digits: as SPring-8 writes them; any case is read.</summary>
    public static bool TryParseId(string text, out string id)
    {
        id = text.Trim().ToUpperInvariant();
        return id.Length is >= 3 and <= 32
            && char.IsAsciiLetterOrDigit(id[0])
            && char.IsAsciiLetterOrDigit(id[^1])
            && id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
    }

    internal static string ParseId(string text) =>
        TryParseId(text, out var id)
            ? id
            : throw Fault.Invalid(
                "proposal-id",
                $"'{text}' is not a proposal id. It has 3 to 32 letters, digits or '-', such as 2026A1234.",
                ("id", text)
            );
}

/// <summary>A person of a proposal and in which role: leader, member or staff of its beamline.</summary>
public sealed record ProposalPerson(string UserId, string DisplayName, string Role);
