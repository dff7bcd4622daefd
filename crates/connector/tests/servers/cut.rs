//! A relay that loses the answer: the request that holds a mark reaches the server, what the server says
//! to it reaches nobody.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

/// The relay; it lives as long as the test does.
pub struct Cut {
    pub port: u16,
    left: Arc<AtomicUsize>,
    cut: Receiver<()>,
}

impl Cut {
    /// Relays to that port of this machine, and cuts the first `times` connections on which the client
    /// says `mark`.
    pub fn start(port: u16, mark: &[u8], times: usize) -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], port)), mark, times)
    }

    /// The same for a server elsewhere.
    pub fn start_at(server: SocketAddr, mark: &[u8], times: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (left, (tell, cut)) = (Arc::new(AtomicUsize::new(times)), channel());
        let (mark, counted) = (mark.to_vec(), Arc::clone(&left));
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let Ok(far) = TcpStream::connect(server) else { continue };
                let line =
                    Line { mark: mark.clone(), left: Arc::clone(&counted), tell: tell.clone() };
                thread::spawn(move || line.relay(near, far));
            }
        });
        Self { port, left, cut }
    }

    /// Waits until a connection was cut: the server has answered by then.
    pub fn wait(&self) {
        self.cut.recv_timeout(super::PATIENCE).expect("the mark is said within a minute");
    }

    /// How many cuts are still to come.
    pub fn left(&self) -> usize {
        self.left.load(Ordering::SeqCst)
    }
}

struct Line {
    mark: Vec<u8>,
    left: Arc<AtomicUsize>,
    tell: Sender<()>,
}

impl Line {
    fn relay(self, mut near: TcpStream, mut far: TcpStream) {
        let (answers_from, answers_to) = (far.try_clone().unwrap(), near.try_clone().unwrap());
        let silent = Arc::new(AtomicUsize::new(0));
        let is_silent = Arc::clone(&silent);
        let tell = self.tell.clone();
        thread::spawn(move || answers(answers_from, answers_to, &is_silent, &tell));
        let mut chunk = [0; 16 * 1024];
        while let Ok(read @ 1..) = near.read(&mut chunk) {
            let said = &chunk[..read];
            let marked = said.windows(self.mark.len()).any(|part| part == self.mark);
            let take = |left: usize| left.checked_sub(1);
            if marked && self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok() {
                silent.store(1, Ordering::SeqCst);
            }
            if far.write_all(said).is_err() {
                break;
            }
        }
        // Either side may have closed it already.
        drop(far.shutdown(Shutdown::Both));
    }
}

/// Passes answers on; the first one after the mark is kept, and with it the connection ends.
fn answers(mut from: TcpStream, mut to: TcpStream, silent: &AtomicUsize, tell: &Sender<()>) {
    let mut chunk = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut chunk) {
        if silent.load(Ordering::SeqCst) == 1 {
            // Who started the relay may be gone.
            tell.send(()).ok();
            break;
        }
        if to.write_all(&chunk[..read]).is_err() {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Both));
    drop(from.shutdown(Shutdown::Both));
}
