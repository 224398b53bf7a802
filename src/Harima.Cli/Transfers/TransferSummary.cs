using System.CommandLine;
using Harima.Cli.Output;

namespace Harima.Cli.Transfers;

static class TransferSummary
{
    /// <summary>Says what came of it.</summary>
    /// <returns>Exit code 0.</returns>
    /// <exception cref="TransferException">Some failed.</exception>
    public static int Write(ParseResult parsed, IReadOnlyList<TransferredDto> files, bool closed)
    {
        var done = files.Where(file => file.Outcome == "transferred").ToList();
        var failed = files.Count(file => file.Outcome == "failed");
        var summary = new TransferDto(
            files,
            done.Count,
            files.Count - done.Count - failed,
            failed,
            done.Sum(file => file.SizeBytes),
            closed
        );
        Answer.Write(
            parsed,
            summary,
            CliJson.Default.TransferDto,
            all =>
                Console.Out.WriteLine(
                    $"{all.Transferred} transferred ({Answer.Size(all.TransferredBytes)}), {all.Skipped} there already, {all.Failed} failed"
                        + (all.Closed ? "; the sequence is closed." : ".")
                )
        );
        return failed == 0
            ? FaultToExitCode.Done
            : throw new TransferException(
                $"{failed} of {files.Count} files were not transferred. Run the same command again."
            );
    }
}
