using Harima.Faults;
using Harima.Sequences;

namespace Harima.SciCat;

/// <summary>The pid of a dataset is the name of its sequence: <c>2026A1234/S0042</c>.</summary>
public readonly record struct DatasetId(string ProposalId, string SequenceId)
{
    public override string ToString() => Sequence.NameOf(ProposalId, SequenceId);

    public static bool TryParse(string text, out DatasetId id)
    {
        var at = text.IndexOf('/', StringComparison.Ordinal);
        id = at < 0 ? default : new(text[..at].ToUpperInvariant(), text[(at + 1)..]);
        return at > 0 && Proposals.Proposal.TryParseId(text[..at], out _) && Sequence.IsId(id.SequenceId);
    }

    /// <exception cref="FaultException">NotFound for a text that is no pid of ours: there is no such dataset.</exception>
    public static DatasetId Parse(string text) =>
        TryParse(text, out var id) ? id : throw Fault.NotFound("Dataset", text);
}
