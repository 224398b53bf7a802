using System.CommandLine;
using Harima.Cli.Output;

namespace Harima.Cli.Transfers;

static class TransferSummary
{
    /// <summary>Says what came of it.</summary>
    /// <returns>Exit code 0.</returns>
    /// <exception cref="TransferException">Some failed; its exit code says how.</exception>
    public static int Write(ParseResult parsed, IReadOnlyList<TransferredDto> files, bool closed)
    {
        var done = files.Where(file => file.Outcome == "transferred").ToList();
        var failed = files.Where(file => file.Outcome == "failed").ToList();
        var summary = new TransferDto(
            files,
            done.Count,
            files.Count - done.Count - failed.Count,
            failed.Count,
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
        return failed.Count == 0 ? FaultToExitCode.Done : throw Of(failed, files.Count);
    }

    /// <summary>Many files may fail in many ways; the exit code is of what the caller must act on first.</summary>
    static TransferException Of(List<TransferredDto> failed, int of)
    {
        var code =
            failed.Any(file => file.ExitCode == FaultToExitCode.Closed) ? FaultToExitCode.Closed
            : failed.Any(file => file.ExitCode == FaultToExitCode.NotIntact) ? FaultToExitCode.NotIntact
            : failed.All(file => file.ExitCode == FaultToExitCode.NoLocalName) ? FaultToExitCode.NoLocalName
            : FaultToExitCode.NotTransferred;
        var some = $"{failed.Count} of {of} files";
        var sentence = code switch
        {
            FaultToExitCode.Closed =>
                $"The sequence is closed: {some} were not stored. Put them into another sequence.",
            FaultToExitCode.NotIntact => $"{some} did not arrive, or not intact. Run the same command again.",
            FaultToExitCode.NoLocalName =>
                $"{some} have keys that cannot be local file names; all others are there. Run the same command again with --rename, or download the sequence as a zip: there they are in the folder odd-names.",
            _ => $"{some} were not transferred. Run the same command again.",
        };
        return new TransferException(sentence, code);
    }
}
