using Harima.Cli.Output;
using Harima.Rest;

namespace Harima.Cli.Metadata;

/// <summary>What an edit of many sequences does, a line for each value, or has done; why not, on the error output.</summary>
static class EditOutcomes
{
    public static void Write(IEnumerable<EditOutcomeDto> outcomes)
    {
        foreach (var outcome in outcomes)
        {
            if (outcome.Refusal is not null)
                Console.Error.WriteLine(
                    Answer.Printable($"harima: {outcome.ProposalId}/{outcome.SequenceId}: {outcome.Refusal}")
                );
            foreach (var document in outcome.Documents)
            foreach (var one in document.Differences)
                Console.Out.WriteLine(
                    Answer.Printable(
                        $"{outcome.ProposalId}/{outcome.SequenceId}  {document.Kind.ToString().ToLowerInvariant()}  {one.Path}  {one.Before ?? "-"} -> {one.After ?? "-"}"
                    )
                );
        }
    }
}
