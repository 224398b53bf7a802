using System.CommandLine;
using System.Net.Sockets;
using Harima.Cli.Output;
using Harima.Rest;
using Harima.S3.Errors;
using Spectre.Console;

namespace Harima.Cli.Transfers;

/// <summary>How one file is doing.</summary>
interface ITransferProgress
{
    /// <summary>So many more bytes moved; negative where an attempt starts again.</summary>
    void Moved(long bytes);
}

/// <summary>One file to move.</summary>
/// <param name="Run">Moves it.</param>
sealed record TransferItem(
    string Path,
    string Key,
    long SizeBytes,
    Func<ITransferProgress, CancellationToken, Task<TransferResult>> Run
);

sealed record TransferResult(bool Skipped, string Crc64Nvme);

/// <summary>Moves many files at once, tells how it goes, and goes on with the others where one fails.</summary>
static class Transfer
{
    public static async Task<IReadOnlyList<TransferredDto>> RunAsync(
        ParseResult parsed,
        string verb,
        IReadOnlyList<TransferItem> items,
        int parallel,
        CancellationToken cancellationToken
    )
    {
        var results = new TransferredDto[items.Count];
        if (parsed.GetValue(Commands.Json) || Console.IsErrorRedirected || Console.IsOutputRedirected)
            await RunAllAsync(
                items,
                results,
                parallel,
                new Lines(verb, parsed.GetValue(Commands.Json)),
                cancellationToken
            );
        else
            await AnsiConsole
                .Progress()
                .AutoClear(false)
                .Columns(
                    new TaskDescriptionColumn { Alignment = Justify.Left },
                    new ProgressBarColumn(),
                    new PercentageColumn(),
                    new DownloadedColumn(),
                    new TransferSpeedColumn(),
                    new RemainingTimeColumn()
                )
                .StartAsync(context =>
                    RunAllAsync(items, results, parallel, new Bars(context, items, verb), cancellationToken)
                );
        return results;
    }

    static Task RunAllAsync(
        IReadOnlyList<TransferItem> items,
        TransferredDto[] results,
        int parallel,
        IReport report,
        CancellationToken cancellationToken
    ) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, items.Count),
            new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken },
            async (n, cancel) =>
            {
                var item = items[n];
                results[n] = await RunOneAsync(item, report.Begin(item), cancel);
                report.End(item, results[n]);
            }
        );

    static async Task<TransferredDto> RunOneAsync(
        TransferItem item,
        ITransferProgress progress,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var result = await item.Run(progress, cancellationToken);
            return new TransferredDto(
                item.Path,
                item.Key,
                item.SizeBytes,
                result.Crc64Nvme,
                result.Skipped ? "skipped" : "transferred",
                null,
                FaultToExitCode.Done
            );
        }
        catch (Exception fault)
            when (fault
                    is S3Exception
                        or RefusedException
                        or TransferException
                        or HttpRequestException
                        or SocketException
                        or IOException
                        or UnauthorizedAccessException
            )
        {
            return new TransferredDto(
                item.Path,
                item.Key,
                item.SizeBytes,
                null,
                "failed",
                fault.Message,
                FaultToExitCode.Of(fault)
            );
        }
    }

    interface IReport
    {
        ITransferProgress Begin(TransferItem item);

        void End(TransferItem item, TransferredDto result);
    }

    /// <summary>One line for each file: for logs and for programs that read along.</summary>
    sealed class Lines(string verb, bool quiet) : IReport, ITransferProgress
    {
        public ITransferProgress Begin(TransferItem item) => this;

        public void Moved(long bytes) { }

        public void End(TransferItem item, TransferredDto result)
        {
            if (quiet)
                return;
            var line = result.Outcome switch
            {
                "failed" => $"failed   {item.Path}: {result.Error}",
                "skipped" => $"skipped  {item.Path} (there already)",
                _ => $"{verb, -8} {item.Path} {Answer.Size(item.SizeBytes)}",
            };
            (result.Outcome == "failed" ? Console.Error : Console.Out).WriteLine(Answer.Printable(line));
        }
    }

    /// <summary>A bar for everything, and one for each file on its way.</summary>
    sealed class Bars(ProgressContext context, IReadOnlyList<TransferItem> items, string verb) : IReport
    {
        readonly ProgressTask _all = context.AddTask(
            FormattableString.Invariant($"{verb} {items.Count} files"),
            maxValue: Math.Max(1, items.Sum(item => item.SizeBytes))
        );

        public ITransferProgress Begin(TransferItem item) => new Bar(this, context, item);

        public void End(TransferItem item, TransferredDto result)
        {
            if (result.Outcome == "failed")
                AnsiConsole.MarkupLine(
                    "[red]failed[/] " + Markup.Escape(Answer.Printable($"{item.Path}: {result.Error}"))
                );
        }

        sealed class Bar(Bars bars, ProgressContext context, TransferItem item) : ITransferProgress
        {
            // Small files are done before a bar of their own could be seen.
            readonly ProgressTask? _own =
                item.SizeBytes < 8_000_000
                    ? null
                    : context.AddTask(Markup.Escape(Answer.Printable(item.Path)), maxValue: item.SizeBytes);

            public void Moved(long bytes)
            {
                bars._all.Increment(bytes);
                _own?.Increment(bytes);
                if (_own is { IsFinished: true })
                    _own.StopTask();
            }
        }
    }
}
