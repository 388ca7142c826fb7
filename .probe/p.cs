using System.Diagnostics; using Sightline.Models; using TorchSharp; using static TorchSharp.torch;
torch.set_num_threads(1);
static Tensor CL(Tensor t) => t.permute(0,2,3,1).contiguous().permute(0,3,1,2);
foreach (bool cl in new[]{false,true}) foreach (var dt in new[]{float32,bfloat16}) {
 var x0 = randn(64,64,32,32).to(dt); if (cl) x0 = CL(x0);
 using var s2 = nn.Conv2d(64,128,kernel_size:1,stride:2,bias:false).to(dt); using var s1 = nn.Conv2d(64,128,kernel_size:1,bias:false).to(dt);
 var kinds = new (string, Func<Tensor,Tensor>)[] { ("strided", x=>s2.call(x)), ("slice", x=>s1.call(x.slice(2,0,long.MaxValue,2).slice(3,0,long.MaxValue,2))), ("pool", x=>s1.call(nn.functional.avg_pool2d(x,1,2))) };
 var t = kinds.ToDictionary(k=>k.Item1, k=>new List<double>());
 for (int r=0;r<25;r++) foreach (var (n,f) in kinds) { using var sc=NewDisposeScope(); var x=x0.detach().clone().requires_grad_(); var g=randn(64,128,16,16).to(dt); if(cl) g=CL(g); var w=Stopwatch.StartNew(); f(x).backward(new[]{g}); t[n].Add(w.Elapsed.TotalMilliseconds); }
 Console.WriteLine($"cl {cl} {dt}: "+string.Join("  ", t.Select(k=>$"{k.Key} {k.Value.Order().ElementAt(5):0.00}")));
}
