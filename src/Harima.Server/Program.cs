using Harima.Hosting;

var app = HarimaHost.Build(args);
await app.StartHarimaAsync(CancellationToken.None);
await app.WaitForShutdownAsync();
