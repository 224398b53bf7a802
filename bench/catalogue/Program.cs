using Harima.CatalogueBench;

// bench/catalogue/run says what there is.
return args switch
{
    ["build", var count, var folder] => BuildIndex.Run(new Facility(Number(count), 1), folder),
    ["ask", var count, var folder] => AskIndex.Run(new Facility(Number(count), 1), folder, clients: 1),
    ["ask", var count, var folder, var clients] => AskIndex.Run(
        new Facility(Number(count), 1),
        folder,
        (int)Number(clients)
    ),
    // Nothing remembered but what each person may see: what a question costs that nobody asked before.
    ["ask-new", var count, var folder, var clients] => AskIndex.Run(
        new Facility(Number(count), 1),
        folder,
        (int)Number(clients),
        forget: true
    ),
    ["multiply", var source, var target, var copies, var shift] => MultiplyIndex.Run(
        source,
        target,
        (int)Number(copies),
        Number(shift)
    ),
    ["peer", var count, var postgres] => await AskPostgres.RunAsync(new Facility(Number(count), 1), postgres),
    ["fill", var count, var database, var folder] => await FillCatalogue.RunAsync(
        new Facility(Number(count), 1),
        database,
        folder
    ),
    ["server", var count, var address, var folder, var questions] => await AskServer.RunAsync(
        new Facility(Number(count), 1),
        address,
        folder,
        (int)Number(questions)
    ),
    ["first", var count, var address, var folder, var questions] => await AskServer.RunFirstAsync(
        new Facility(Number(count), 1),
        address,
        folder,
        (int)Number(questions)
    ),
    ["ingest", var count, var address, var folder, var clients] => await IngestServer.RunAsync(
        new Facility(1_000_000, 1),
        address,
        folder,
        (int)Number(count),
        (int)Number(clients)
    ),
    ["example", var row] => Example(Number(row)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        "build|ask|ask-new COUNT FOLDER [CLIENTS], fill COUNT DATABASE FOLDER, server|first COUNT ADDRESS FOLDER QUESTIONS, ingest COUNT ADDRESS FOLDER CLIENTS, peer COUNT CONNECTION, example ROW; see bench/catalogue/run"
    );
    return 2;
}

static long Number(string text) => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

static int Example(long row)
{
    var sequence = new Facility(10_000_000, 1).Sequence(row);
    Console.WriteLine(BenchSequence.Json(sequence.Measurement));
    Console.WriteLine(BenchSequence.Json(sequence.Sample));
    return 0;
}
